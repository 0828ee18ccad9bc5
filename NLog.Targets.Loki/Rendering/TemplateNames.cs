using System;
using System.Collections.Generic;
using NLog.Targets.Loki.Encoding;

namespace NLog.Targets.Loki.Rendering;

/// <summary>
/// The names that message templates give to their parameters. NLog parses and formats a message once more for whoever reads the
/// properties of its event; with the names of a known template, the parameters themselves are those properties. Not thread-safe.
/// </summary>
internal sealed class TemplateNames
{
    // An application has this many messages in its source; of one that builds its templates at run time the rest is read the long way.
    private const int MaxKept = 1024;
    private const int MaxTemplateChars = 1024;

    private readonly Dictionary<string, Known> _known = new(StringComparer.Ordinal);
    private readonly Func<string, bool> _isSent;

    /// <param name="isSent">Whether a property of this name is sent as metadata at all; asked once for each template.</param>
    public TemplateNames(Func<string, bool> isSent) => _isSent = isSent;

    /// <summary>
    /// The names of the event's properties in the order of its parameters, which are their values; null when the properties have to be
    /// read, which has cost what it costs by then.
    /// </summary>
    public TemplateName[]? Of(LogEventInfo logEvent)
    {
        if (logEvent.Parameters is { Length: > 0 } parameters && logEvent.Message is { } template && !VolatileProperties.AreSet(logEvent))
        {
            if (!_known.TryGetValue(template, out var known))
            {
                known = Examine(logEvent, parameters);
                if (known.IsCertain && _known.Count < MaxKept && template.Length <= MaxTemplateChars)
                    _known.Add(template, known);
            }

            if (known.Names is not null && known.Parameters == parameters.Length && ReferenceEquals(known.Formatter, logEvent.MessageFormatter))
                return known.Names;
        }

        _ = VolatileProperties.Exist(logEvent);
        return null;
    }

    // What holds for one event holds for all of this template: its holes take the parameters in their order, or they do not. Not so
    // when these values could not be formatted, for which NLog gives the event no properties whatever its template names.
    private Known Examine(LogEventInfo logEvent, object?[] parameters)
    {
        var formatter = logEvent.MessageFormatter;
        if (!VolatileProperties.Exist(logEvent))
            return logEvent.MessageTemplateParameters.IsPositional ? new Known(formatter, parameters.Length, Array.Empty<TemplateName>()) : default;
        var named = logEvent.MessageTemplateParameters;
        if (named.Count != parameters.Length || logEvent.Properties.Count != parameters.Length)
            return new Known(formatter, parameters.Length, null);
        var names = new TemplateName[parameters.Length];
        for (var i = 0; i < names.Length; i++)
        {
            var name = named[i].Name;
            if (!ReferenceEquals(named[i].Value, parameters[i]) || !logEvent.Properties.TryGetValue(name, out var value) || !ReferenceEquals(value, parameters[i]))
                return new Known(formatter, parameters.Length, null);
            names[i] = new TemplateName(name, _isSent(name) ? LokiName.Metadata(name) : null);
        }

        return new Known(formatter, parameters.Length, names);
    }

    private readonly struct Known
    {
        public Known(LogMessageFormatter formatter, int parameters, TemplateName[]? names) => (Formatter, Parameters, Names) = (formatter, parameters, names);

        public bool IsCertain => Formatter is not null;

        public LogMessageFormatter Formatter { get; }

        public int Parameters { get; }

        public TemplateName[]? Names { get; }
    }
}
