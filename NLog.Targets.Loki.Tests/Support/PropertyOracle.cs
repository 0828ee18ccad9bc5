using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using NLog.Targets.Loki.Encoding;

namespace NLog.Targets.Loki.Tests.Support;

/// <summary>What NLog itself says an event holds: its properties as enumerating them gives them, on the logging thread.</summary>
internal sealed class PropertyOracle : Target
{
    public List<string> Said { get; } = new();

    /// <summary>An entry's line and its event properties, the other metadata left out, in the form of <see cref="Said"/>.</summary>
    public static string Text(string line, IEnumerable<KeyValuePair<string, string>> properties) =>
        line + " | " + string.Join(" ", properties.Select(property => property.Key + "=" + property.Value).OrderBy(text => text, StringComparer.Ordinal));

    protected override void Write(LogEventInfo logEvent)
    {
        var culture = logEvent.FormatProvider ?? CultureInfo.InvariantCulture;
        var properties = logEvent.Properties
            .Select(property => KeyValuePair.Create(LokiName.Metadata(property.Key.ToString()!), Text(property.Value, culture)))
            .Where(property => property.Value.Length > 0).ToList();
        Said.Add(Text(logEvent.FormattedMessage, properties));
    }

    private static string Text(object? value, IFormatProvider culture) => value switch
    {
        null => "",
        bool truth => truth ? "true" : "false",
        DateTime time => time.ToString("O", CultureInfo.InvariantCulture),
        int[] numbers => string.Join(", ", numbers),
        IFormattable number => number.ToString(null, culture),
        Throwing => "<InvalidOperationException>",
        _ => value.ToString()!,
    };

    /// <summary>An object that changes after the call.</summary>
    internal sealed class Mutable(string text)
    {
        public string Text { get; set; } = text;

        public override string ToString() => Text;
    }

    /// <summary>An object without a text.</summary>
    internal sealed class Throwing
    {
        public override string ToString() => throw new InvalidOperationException();
    }
}
