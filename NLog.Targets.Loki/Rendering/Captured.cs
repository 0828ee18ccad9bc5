using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace NLog.Targets.Loki.Rendering;

/// <summary>The text form of what was captured on the logging thread; NLog gives back what it keeps in the event as text only.</summary>
internal sealed class Captured
{
    private const char Separator = '\u001F';
    private const int TraceIdLength = 32;
    private const int SpanIdLength = 16;

    // "00-<trace id>-<span id>-<flags>" (W3C Trace Context, 3.2).
    private const int TraceIdStart = 3;
    private const int SpanIdStart = TraceIdStart + TraceIdLength + 1;
    private const int IdLength = SpanIdStart + SpanIdLength + 3;

    private readonly string _text;

    // By name, because properties can be added to the event and taken from it after the call.
    private Dictionary<string, string>? _properties;

    private Captured(string text) => _text = text;

    public bool HasTrace => _text[0] != Separator;

    public ReadOnlySpan<char> TraceId => _text.AsSpan(TraceIdStart, TraceIdLength);

    public ReadOnlySpan<char> SpanId => _text.AsSpan(SpanIdStart, SpanIdLength);

    /// <summary>The text that a property had on the logging thread; null when its value is immutable.</summary>
    public string? TextOf(string propertyName)
    {
        string? text = null;
        _properties?.TryGetValue(propertyName, out text);
        return text;
    }

    /// <summary>The text to keep; null when there is nothing. An activity without a W3C id has no trace that Grafana could open.</summary>
    public static string? Text(Activity? activity, LogEventInfo logEvent, PropertyText? properties)
    {
        // Made once for each activity, which its two ids as text are not.
        var id = activity is { IdFormat: ActivityIdFormat.W3C } ? activity.Id : null;
        if (properties is null)
            return id;
        var text = new StringBuilder(id).Append(Separator);
        foreach (var property in logEvent.Properties)
        {
            if (VolatileProperties.IsImmutable(property.Value))
                continue;
            Append(text, PropertyText.Name(property.Key));
            Append(text, properties.Of(property.Value, logEvent.FormatProvider));
        }

        return text.ToString();
    }

    public static Captured Parse(string text)
    {
        var captured = new Captured(text);
        var at = captured.HasTrace ? IdLength + 1 : 1;
        while (at < text.Length)
        {
            var name = NextText(text, ref at);
            (captured._properties ??= new Dictionary<string, string>(StringComparer.Ordinal))[name] = NextText(text, ref at);
        }

        return captured;
    }

    private static void Append(StringBuilder target, string text) =>
        target.Append(text.Length.ToString(CultureInfo.InvariantCulture)).Append(Separator).Append(text);

    private static string NextText(string text, ref int at)
    {
        var end = text.IndexOf(Separator, at);
        var length = int.Parse(text.Substring(at, end - at), CultureInfo.InvariantCulture);
        at = end + 1 + length;
        return text.Substring(end + 1, length);
    }
}
