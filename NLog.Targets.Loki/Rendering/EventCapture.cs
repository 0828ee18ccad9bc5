using System;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using NLog.Layouts;
using NLog.Targets.Loki.Diagnostics;

namespace NLog.Targets.Loki.Rendering;

/// <summary>
/// Owns what must happen on the logging thread. NLog calls the volatile layouts of a target there, before it queues the
/// event: this one counts the arrival, keeps the trace context, and turns property values that may change later into text.
/// It never renders anything into the log line.
/// </summary>
internal sealed class EventCapture : Layout
{
    private readonly Action _count;
    private readonly bool _traceContext;
    private readonly PropertyText? _properties;
    private readonly bool _wrapped;

    // That of the thread that hands over; unknown until it does so for the first time.
    private CultureInfo? _culture;

    /// <param name="count">Called once for each event.</param>
    /// <param name="traceContext">Keep the ids of the current activity.</param>
    /// <param name="properties">How volatile properties become text; null when none are sent.</param>
    /// <param name="wrapped">Inside a wrapper NLog asks twice for one event, so the answer has to be kept in the event.</param>
    public EventCapture(Action count, bool traceContext, PropertyText? properties, bool wrapped)
    {
        _count = count;
        _traceContext = traceContext;
        _properties = properties;
        _wrapped = wrapped;
    }

    public override void Precalculate(LogEventInfo logEvent)
    {
        // In a wrapper the count is in the rendering, which NLog does once an event; else here, because one event object may be
        // logged more than once and is rendered only the first time.
        if (!_wrapped)
            _count();
        // NLog formats a message of immutable values when somebody asks, with the culture of the thread that does.
        if (logEvent.Parameters is { Length: > 0 } && logEvent.FormatProvider is null && !CultureInfo.CurrentCulture.Equals(_culture))
            _ = logEvent.FormattedMessage;
        if (_wrapped || (_traceContext && Activity.Current is not null) || (_properties is not null && VolatileProperties.Any(logEvent)))
            base.Precalculate(logEvent);
    }

    /// <summary>What was captured: trace id and span id, then the volatile properties; null when there was nothing.</summary>
    public Captured? Read(LogEventInfo logEvent)
    {
        _culture = CultureInfo.CurrentCulture;
        // The cached text is found here; without one NLog renders again, which must count nothing now.
        t_reading = true;
        try
        {
            var text = Render(logEvent);
            return text.Length == 0 ? null : Captured.Parse(text);
        }
        finally
        {
            t_reading = false;
        }
    }

    protected override string GetFormattedMessage(LogEventInfo logEvent)
    {
        // For each event that carries nothing.
        if (t_reading)
            return "";
        var text = new StringBuilder();
        RenderFormattedMessage(logEvent, text);
        return text.ToString();
    }

    protected override void RenderFormattedMessage(LogEventInfo logEvent, StringBuilder target)
    {
        if (t_reading)
            return;
        if (_wrapped)
            _count();
        var start = target.Length;
        try
        {
            Captured.Write(target, _traceContext ? Activity.Current : null, logEvent, _properties is not null && VolatileProperties.Any(logEvent) ? _properties : null);
        }
        catch (InvalidOperationException)
        {
            // Another thread changes the properties meanwhile: the application must not notice, and hand-over reads them as they are.
            target.Length = start;
        }
    }

    [ThreadStatic]
    private static bool t_reading;
}
