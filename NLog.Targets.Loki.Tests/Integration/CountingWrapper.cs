using System.Collections.Generic;
using System.Threading;
using NLog.Common;
using NLog.Targets.Wrappers;

namespace NLog.Targets.Loki.Tests.Integration;

/// <summary>Stands directly in front of a target and counts what goes in, before it does.</summary>
internal sealed class CountingWrapper : WrapperTargetBase
{
    private readonly Arrived _arrived;

    public CountingWrapper(Target target, Arrived arrived)
    {
        WrappedTarget = target;
        _arrived = arrived;
    }

    protected override void Write(AsyncLogEventInfo logEvent)
    {
        _arrived.Count(1);
        WrappedTarget!.WriteAsyncLogEvent(logEvent);
    }

    protected override void Write(IList<AsyncLogEventInfo> logEvents)
    {
        _arrived.Count(logEvents.Count);
        WrappedTarget!.WriteAsyncLogEvents(logEvents);
    }

    // As AsyncTaskTarget takes it: without a lock around the target.
    protected override void WriteAsyncThreadSafe(AsyncLogEventInfo logEvent) => Write(logEvent);

    protected override void WriteAsyncThreadSafe(IList<AsyncLogEventInfo> logEvents) => Write(logEvents);

    /// <summary>The count of all instances that a reload makes for one target name.</summary>
    internal sealed class Arrived
    {
        private long _events;

        public long Events => Interlocked.Read(ref _events);

        public void Count(int events) => Interlocked.Add(ref _events, events);
    }
}
