using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;

namespace NLog.Targets.Loki.Tests.Support;

/// <summary>
/// A clock that stands still until a test moves it. The wall clock and the monotonic one move together, but
/// <see cref="WallClockStep"/> sets the wall clock alone, as an operator or NTP does.
/// </summary>
/// <remarks>
/// FakeTimeProvider, which does where no timer is set, calls a timer back at the end of the whole move instead of at its instant, on whichever thread
/// asks for the time or sets a timer meanwhile and under the locks which that holds. When the next one is due it keeps to itself, and its monotonic
/// clock follows the steps of the wall clock.
/// </remarks>
internal sealed class ManualTime : TimeProvider
{
    private readonly object _lock = new();
    private readonly List<ManualTimer> _timers = [];
    private TimeSpan _elapsed;
    private DateTimeOffset _start;

    public ManualTime(DateTimeOffset? start = null) => _start = start ?? DateTimeOffset.UtcNow;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    /// <summary>How far the clock was moved.</summary>
    public TimeSpan Elapsed
    {
        get
        {
            lock (_lock)
                return _elapsed;
        }
    }

    /// <summary>How many timers wait; a test of leaks looks at it.</summary>
    public int ArmedTimers
    {
        get
        {
            lock (_lock)
                return _timers.Count(timer => timer.Due is not null);
        }
    }

    /// <summary>When the next timer fires, on the scale of <see cref="Elapsed"/>; null for never.</summary>
    public TimeSpan? NextDue
    {
        get
        {
            lock (_lock)
                return _timers.Min(timer => timer.Due);
        }
    }

    public override DateTimeOffset GetUtcNow()
    {
        lock (_lock)
            return _start + _elapsed;
    }

    public override long GetTimestamp() => Elapsed.Ticks;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new ManualTimer(this, () => callback(state));
        timer.Change(dueTime, period);
        return timer;
    }

    public void WallClockStep(TimeSpan by)
    {
        lock (_lock)
            _start += by;
    }

    /// <summary>Moves on, firing each timer at its instant and in their order.</summary>
    public void Advance(TimeSpan by)
    {
        var end = Elapsed + by;
        while (TryNext(end, out var fire))
            fire();
        lock (_lock)
            _elapsed = end;
    }

    /// <summary>
    /// Moves on in steps until something has come true. Before each step it waits, in real time and with a ceiling, until the
    /// target has nothing to do at this instant: neither NLog's queue nor a request is on its way.
    /// </summary>
    public async Task AdvanceUntilAsync(Logging logging, Func<bool> reached, TimeSpan step, TimeSpan ceiling, string what)
    {
        var end = Elapsed + ceiling;
        while (true)
        {
            await IdleAsync(logging, what);
            if (reached())
                return;
            if (Elapsed >= end)
                throw new TimeoutException($"not reached within {ceiling} of the test's clock: {what}; {logging.Statistics}");
            Advance(step);
        }
    }

    /// <summary>Moves on in steps, in the same way.</summary>
    public Task AdvanceAsync(Logging logging, TimeSpan by, TimeSpan step)
    {
        var end = Elapsed + by;
        return AdvanceUntilAsync(logging, () => Elapsed >= end, step, by + step, "the end of " + by);
    }

    private static Task IdleAsync(Logging logging, string what) =>
        Wait.UntilAsync(logging.IsIdle, "quiet before the clock moves on to " + what, ceilingSeconds: 40, tickMilliseconds: 1, state: () => logging.Statistics);

    private bool TryNext(TimeSpan end, out Action fire)
    {
        lock (_lock)
        {
            var next = _timers.Where(timer => timer.Due <= end).MinBy(timer => timer.Due);
            fire = next?.Fire ?? (() => { });
            if (next is null)
                return false;
            if (next.Due > _elapsed)
                _elapsed = next.Due.Value;
            next.Due = next.Period is { } period ? _elapsed + period : null;
            return true;
        }
    }

    private sealed class ManualTimer : ITimer
    {
        private readonly ManualTime _time;

        public ManualTimer(ManualTime time, Action fire)
        {
            _time = time;
            Fire = fire;
            lock (time._lock)
                time._timers.Add(this);
        }

        public Action Fire { get; }

        public TimeSpan? Due { get; set; }

        public TimeSpan? Period { get; private set; }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (_time._lock)
            {
                Due = dueTime == Timeout.InfiniteTimeSpan ? null : _time._elapsed + dueTime;
                Period = period == Timeout.InfiniteTimeSpan || period == TimeSpan.Zero ? null : period;
            }

            return true;
        }

        public void Dispose()
        {
            lock (_time._lock)
                _time._timers.Remove(this);
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return default;
        }
    }
}
