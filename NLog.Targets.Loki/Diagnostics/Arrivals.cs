using System;

namespace NLog.Targets.Loki.Diagnostics;

/// <summary>The events of one run of a target, from NLog's queue until they come to us. Guarded by the ledger's lock.</summary>
internal sealed class Arrivals
{
    private readonly IQueueCounts _counts;

    public Arrivals(IQueueCounts counts) => _counts = counts;

    /// <summary>Events that entered NLog's queue or were handed to the target while it could not run.</summary>
    public long Emitted { get; private set; }

    /// <summary>Those that NLog's full queue discarded.</summary>
    public long Discarded { get; private set; }

    /// <summary>Those that came to us: held, or lost for a reason of ours.</summary>
    public long Accepted { get; private set; }

    /// <summary>Those that wait in NLog's queue or in a hand-over.</summary>
    public long Queued => Emitted - Discarded - Accepted;

    /// <summary>The run is over: whatever is queued now never comes out of NLog's queue.</summary>
    public bool IsClosed { get; set; }

    public void Accept(long count) => Accepted += count;

    /// <summary>Brings the counts up to date; none of them falls. Returns by how much emitted and discarded rose.</summary>
    public (long Emitted, long Discarded) Read()
    {
        var (emitted, wasDiscarded) = (Emitted, Discarded);
        (var entered, Discarded) = _counts.Read();
        // While an event moves from the queue to the hand-over it may be seen in neither.
        Emitted = Math.Max(Math.Max(emitted, entered), Discarded + Accepted);
        return (Emitted - emitted, Discarded - wasDiscarded);
    }
}
