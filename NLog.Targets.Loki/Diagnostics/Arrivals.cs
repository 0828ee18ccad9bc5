using System.Threading;

namespace NLog.Targets.Loki.Diagnostics;

/// <summary>The arrival count of one target instance, written on logging threads.</summary>
internal sealed class Arrivals
{
    private long _emitted;

    public long Emitted => Interlocked.Read(ref _emitted);

    /// <summary>Left NLog's queue, in whatever way; guarded by the ledger's lock.</summary>
    public long Handed { get; set; }

    /// <summary>The instance is closed and its queue was emptied; guarded by the ledger's lock.</summary>
    public bool IsSettled { get; set; }

    /// <summary>Taken for lost, by reason; guarded by the ledger's lock.</summary>
    public long SettledAsFull { get; set; }

    public long SettledAsClosed { get; set; }

    public void CountLate(long events) => Interlocked.Add(ref _emitted, events);

    public void Count() => Interlocked.Increment(ref _emitted);
}
