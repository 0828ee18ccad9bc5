using System;
using System.Threading;

namespace NLog.Targets.Loki.Delivery;

/// <summary>
/// Makes timers that do not keep the context of the thread that makes them: a timer captures it, and with it the
/// async locals of whoever configured NLog would live as long as the target.
/// </summary>
internal static class DetachedTimer
{
    public static ITimer Create(TimeProvider time, TimerCallback callback, object? state, TimeSpan due)
    {
        if (ExecutionContext.IsFlowSuppressed())
            return time.CreateTimer(callback, state, due, Timeout.InfiniteTimeSpan);
        using (ExecutionContext.SuppressFlow())
            return time.CreateTimer(callback, state, due, Timeout.InfiniteTimeSpan);
    }
}
