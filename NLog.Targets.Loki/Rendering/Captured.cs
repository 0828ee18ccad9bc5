using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace NLog.Targets.Loki.Rendering;

/// <summary>Owns the text form of what was captured on the logging thread; NLog's cache in the event keeps text only.</summary>
internal sealed class Captured
{
    private const char Separator = '\u001F';
    private const int TraceIdLength = 32;
    private const int SpanIdLength = 16;

    // "00-<trace id>-<span id>-<flags>" (W3C Trace Context, 3.2).
    private const int TraceIdStart = 3;
    private const int IdsLength = TraceIdLength + 1 + SpanIdLength;

    private readonly string _ids;

    // By name, because properties can be added to the event and taken from it after the call.
    private Dictionary<string, string>? _properties;

    private Captured(string ids) => _ids = ids;

    public bool HasTrace => _ids.Length > 0 && _ids[0] != Separator;

    public ReadOnlySpan<char> TraceId => _ids.AsSpan(0, TraceIdLength);

    public ReadOnlySpan<char> SpanId => _ids.AsSpan(TraceIdLength + 1, SpanIdLength);

    /// <summary>The text that a property had on the logging thread; null when its value is immutable.</summary>
    public string? TextOf(string propertyName)
    {
        string? text = null;
        _properties?.TryGetValue(propertyName, out text);
        return text;
    }

    /// <summary>Writes nothing when there is nothing to keep. An activity without a W3C id has no trace that Grafana could open.</summary>
    public static void Write(StringBuilder target, Activity? activity, LogEventInfo logEvent, PropertyText? properties)
    {
        // Made once for each activity, which its two ids as text are not.
        if (activity is { IdFormat: ActivityIdFormat.W3C, Id: { } id })
            target.Append(id, TraceIdStart, IdsLength);
        if (properties is null)
            return;
        target.Append(Separator);
        foreach (var property in logEvent.Properties)
        {
            if (VolatileProperties.IsImmutable(property.Value))
                continue;
            Append(target, PropertyText.Name(property.Key));
            Append(target, properties.Of(property.Value, logEvent.FormatProvider));
        }
    }

    public static Captured Parse(string text)
    {
        var captured = new Captured(text);
        var at = captured.HasTrace ? IdsLength + 1 : 1;
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
