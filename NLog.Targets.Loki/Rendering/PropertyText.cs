using System;
using System.Globalization;
using System.Text;
using NLog.Config;

namespace NLog.Targets.Loki.Rendering;

/// <summary>Owns the text of a property value: NLog's own formatting, bounded, and never an exception.</summary>
internal sealed class PropertyText
{
    private readonly IValueFormatter _formatter;

    public PropertyText(IValueFormatter formatter) => _formatter = formatter;

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
            return target.ToString();
        }
        catch (Exception error)
        {
            // The neighbours of a property that cannot be shown are shown all the same.
            return "<" + error.GetType().Name + ">";
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
            return "<" + error.GetType().Name + ">";
        }
    }
}
