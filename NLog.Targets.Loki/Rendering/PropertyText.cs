using System;
using System.Globalization;
using System.Text;

namespace NLog.Targets.Loki.Rendering;

/// <summary>The text of a property value: NLog's own formatting, bounded, and never an exception.</summary>
internal sealed class PropertyText
{
    private readonly IValueFormatter _formatter;
    private readonly int _maxChars;

    /// <param name="formatter">How NLog renders values in a message.</param>
    /// <param name="maxBytes">What is sent of a value at most: the rest of a long one would only wait in NLog's queue.</param>
    public PropertyText(IValueFormatter formatter, int maxBytes)
    {
        _formatter = formatter;
        // A character takes a byte at least; one more tells whoever cuts the text that there is more.
        _maxChars = maxBytes + 1;
    }

    /// <summary>The name of a property; keys of the dictionary may be any object.</summary>
    public static string Name(object? key)
    {
        try
        {
            return key?.ToString() ?? "";
        }
        catch (Exception error)
        {
            return InPlaceOf(error);
        }
    }

    /// <summary>The same without a string for the numbers that are logged most.</summary>
    public ReadOnlySpan<char> Of(object? value, IFormatProvider? culture, Span<char> scratch)
    {
        if (value is string text)
            return text.AsSpan();
#if NET
        try
        {
            var length = 0;
            var fits = value switch
            {
                int number => number.TryFormat(scratch, out length, default, culture ?? CultureInfo.InvariantCulture),
                long number => number.TryFormat(scratch, out length, default, culture ?? CultureInfo.InvariantCulture),
                double number => number.TryFormat(scratch, out length, default, culture ?? CultureInfo.InvariantCulture),
                decimal number => number.TryFormat(scratch, out length, default, culture ?? CultureInfo.InvariantCulture),
                _ => false,
            };
            if (fits)
                return scratch.Slice(0, length);
        }
        catch (Exception)
        {
            // A culture of the application's that throws does so below again.
        }
#endif
        return Of(value, culture).AsSpan();
    }

    public string Of(object? value, IFormatProvider? culture)
    {
        try
        {
            switch (value)
            {
                case null:
                    return "";
                case string text:
                    return text;
                case bool truth:
                    // As in JSON and in every other client's metadata, not "True".
                    return truth ? "true" : "false";
                case Enum name:
                    return name.ToString();
                case DateTime time:
                    return time.ToString("O", CultureInfo.InvariantCulture);
                case DateTimeOffset time:
                    return time.ToString("O", CultureInfo.InvariantCulture);
                case IFormattable number when value.GetType().IsPrimitive || value is decimal:
                    return number.ToString(null, culture ?? CultureInfo.InvariantCulture);
            }

            var target = new StringBuilder();
            // Collections and anonymous objects as NLog renders {property} in a message, with its limits of depth and size.
            _formatter.FormatValue(value, null, MessageTemplates.CaptureType.Normal, culture, target);
            return target.ToString(0, Math.Min(target.Length, _maxChars));
        }
        catch (Exception error)
        {
            // The neighbours of a property that cannot be shown are shown all the same.
            return InPlaceOf(error);
        }
    }

    /// <summary>The message of an exception, whose property may itself throw.</summary>
    public string Message(Exception exception)
    {
        try
        {
            return exception.Message ?? "";
        }
        catch (Exception error)
        {
            return InPlaceOf(error);
        }
    }

    /// <summary>What stands for a text that could not be made.</summary>
    public static string InPlaceOf(Exception error) => "<" + error.GetType().Name + ">";
}
