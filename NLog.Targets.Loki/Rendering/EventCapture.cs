using System;
using System.Diagnostics;
using System.Globalization;
using NLog.Layouts;

namespace NLog.Targets.Loki.Rendering;

/// <summary>
/// Keeps in the event what is known only on the logging thread: the trace context, and the text of property values that may change later.
/// NLog calls the volatile layouts of a target there, before it queues the event; this is one of them. It renders nothing into the line.
/// </summary>
internal sealed class EventCapture : Layout
{
    private readonly Action? _countCall;
    private readonly bool _traceContext;
    private readonly PropertyText? _properties;
    private readonly bool _wrapped;

    // NLog caches the result of a layout in the event. A typed layout caches the string that it is given; any other one caches a copy, which
    // would be most of what a call with an activity allocates. It is in no property, so NLog does not find and call it by itself.
    private readonly Layout<string?> _kept;

    // The culture of the thread that hands over; null before the first hand-over.
    private CultureInfo? _culture;

    /// <param name="countCall">Called once for each event, where NLog's queue cannot be asked how many came; else null.</param>
    /// <param name="traceContext">Keep the ids of the current activity.</param>
    /// <param name="properties">How volatile properties become text; null when none are sent.</param>
    /// <param name="wrapped">Inside a wrapper NLog calls this twice for one event.</param>
    /// <param name="line">The line, if it is called from here, which saves NLog a call for each event; null when NLog calls it.</param>
    public EventCapture(Action? countCall, bool traceContext, PropertyText? properties, bool wrapped, GuardedLayout? line)
    {
        Line = line;
        _countCall = countCall;
        _traceContext = traceContext;
        _properties = properties;
        _wrapped = wrapped;
        _kept = Layout<string?>.FromMethod(Keep);
        // NLog has initialised the layouts of the target before this one was made. Without this it would not know whether the line needs the call site.
        InitializeLayout();
    }

    /// <summary>The line; public, so that NLog finds out whether it needs the call site.</summary>
    public GuardedLayout? Line { get; }

    public override void Precalculate(LogEventInfo logEvent)
    {
        // Inside a wrapper it is counted where the text is made, which NLog caches: once for each event. Otherwise here, because an event
        // object that is logged twice has its text cached the second time.
        if (!_wrapped)
            _countCall?.Invoke();
        // NLog formats a message with immutable values at hand-over, with the culture of that thread.
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
        // Only a change is written: logging threads read the field for each event, and each write takes its cache line from them.
        if (!ReferenceEquals(CultureInfo.CurrentCulture, _culture))
            _culture = CultureInfo.CurrentCulture;
        // Where nothing was cached, NLog calls Keep now, on the wrong thread.
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
        // At hand-over: there is nothing to keep any more.
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
