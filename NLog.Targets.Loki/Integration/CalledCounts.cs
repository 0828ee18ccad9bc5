using System;
using System.Threading;
using NLog.Targets.Loki.Diagnostics;

namespace NLog.Targets.Loki.Integration;

/// <summary>
/// Counts log calls, for an NLog whose queue cannot be asked. It knows nothing of wrappers that keep events back, and learns what was discarded
/// only when more is missing than the queue can hold, or when the queue is seen empty.
/// </summary>
internal sealed class CalledCounts : IQueueCounts
{
    private readonly object _lock = new();
    private long _called;
    private long _received;
    private long _discarded;

    public long Called => Interlocked.Read(ref _called);

    public long Received => Interlocked.Read(ref _received);

    /// <summary>A log call came, on the thread that logs.</summary>
    public void Call() => Interlocked.Increment(ref _called);

    /// <summary>Events came out of the queue.</summary>
    public void Receive(long events) => Interlocked.Add(ref _received, events);

    /// <summary>More is missing than the queue can hold: the excess was discarded whatever the queue does now.</summary>
    public void SettleExcess(long capacity) => Settle(capacity);

    /// <summary>The queue is empty and no call came meanwhile: whatever is missing was discarded.</summary>
    public void SettleEmpty() => Settle(0);

    public (long Entered, long Discarded) Read()
    {
        lock (_lock)
            return (Math.Max(Called, Received + _discarded), _discarded);
    }

    private void Settle(long capacity)
    {
        lock (_lock)
            _discarded += Math.Max(0, Called - Received - _discarded - capacity);
    }
}
