using System;
using System.Diagnostics;
using System.Globalization;
using NLog.Layouts;

namespace NLog.Targets.Loki.Rendering;

/// <summary>
/// Does what must happen on the logging thread. NLog calls the volatile layouts of a target there, before it queues the
/// event: this one keeps the trace context and turns property values that may change later into text.
/// It never renders anything into the log line.
/// </summary>
internal sealed class EventCapture : Layout
{
    private readonly Action? _countCall;
    private readonly bool _traceContext;
    private readonly PropertyText? _properties;
    private readonly bool _wrapped;

    // A typed layout keeps the very string that it is given, where any other one copies it: with an activity that would be the
    // most that a call allocates. NLog does not find it, because it is in no property, and asks this layout alone.
    private readonly Layout<string?> _kept;

    // That of the thread that hands over; unknown until it does so for the first time.
    private CultureInfo? _culture;

    /// <param name="countCall">Called once for each event, where NLog's queue cannot be asked how many came; else null.</param>
    /// <param name="traceContext">Keep the ids of the current activity.</param>
    /// <param name="properties">How volatile properties become text; null when none are sent.</param>
    /// <param name="wrapped">Inside a wrapper NLog asks twice for one event, so the answer has to be kept in the event.</param>
    /// <param name="line">What is called in the place of NLog, which would take a turn of its own for it; null leaves the line to NLog.</param>
    public EventCapture(Action? countCall, bool traceContext, PropertyText? properties, bool wrapped, GuardedLayout? line)
    {
        Line = line;
        _countCall = countCall;
        _traceContext = traceContext;
        _properties = properties;
        _wrapped = wrapped;
        _kept = Layout<string?>.FromMethod(Keep);
        // NLog has initialised the layouts of the target before; without the scan nobody would capture the call site that the line needs.
        InitializeLayout();
    }

    /// <summary>The line; public, so that NLog finds out whether it needs the call site.</summary>
    public GuardedLayout? Line { get; }

    public override void Precalculate(LogEventInfo logEvent)
    {
        // In a wrapper the count is in the rendering, which NLog does once an event; else here, because one event object may be
        // logged more than once and is rendered only the first time.
        if (!_wrapped)
            _countCall?.Invoke();
        // NLog formats a message of immutable values when somebody asks, with the culture of the thread that does.
        if (logEvent.Parameters is { Length: > 0 } && logEvent.FormatProvider is null && !IsCultureOfHandOver())
            _ = logEvent.FormattedMessage;
        var isVolatile = (_properties is not null || Line is { WaitsUnlessVolatile: true }) && VolatileProperties.Any(logEvent);
        if ((_wrapped && _countCall is not null) || (_traceContext && Activity.Current is not null) || (isVolatile && _properties is not null))
            _kept.Precalculate(logEvent);
        Line?.Precalculate(logEvent, isVolatile);
    }

    /// <summary>What was captured: trace id and span id, then the volatile properties; null when there was nothing.</summary>
    public Captured? Read(LogEventInfo logEvent)
    {
        // Logging threads read the field for each event, and a write takes its cache line from them: only a change is written.
        if (!ReferenceEquals(CultureInfo.CurrentCulture, _culture))
            _culture = CultureInfo.CurrentCulture;
        // What was kept is found here; when nothing was, NLog asks again, which must count nothing now.
        t_reading = true;
        try
        {
            var text = _kept.Render(logEvent);
            return text.Length == 0 ? null : Captured.Parse(text);
        }
        finally
        {
            t_reading = false;
        }
    }

    protected override string GetFormattedMessage(LogEventInfo logEvent) => "";

    private string? Keep(LogEventInfo logEvent)
    {
        // For each event that carries nothing.
        if (t_reading)
            return null;
        if (_wrapped)
            _countCall?.Invoke();
        var activity = _traceContext ? Activity.Current : null;
        try
        {
            return Captured.Text(activity, logEvent, HasVolatileProperties(logEvent) ? _properties : null);
        }
        catch (InvalidOperationException)
        {
            // Another thread changes the properties meanwhile: the application must not notice, and hand-over reads them as they are.
            return Captured.Text(activity, logEvent, null);
        }
    }

    private bool HasVolatileProperties(LogEventInfo logEvent) => _properties is not null && VolatileProperties.Any(logEvent);

    private bool IsCultureOfHandOver()
    {
        var (culture, known) = (CultureInfo.CurrentCulture, _culture);
        return ReferenceEquals(culture, known) || culture.Equals(known);
    }

    [ThreadStatic]
    private static bool t_reading;
}
