namespace NLog.Targets.Loki.Diagnostics;

/// <summary>What one run of a target has taken from NLog: its queue is asked, or, with an NLog that does not tell, the calls are counted.</summary>
internal interface IQueueCounts
{
    /// <summary>
    /// Events that have come so far, and those of them that NLog's queue discarded. <c>Entered</c> may be below the truth while events
    /// move, never above it. <c>Discarded</c> never falls. Takes at most a lock of the queue itself, under which nobody asks the ledger.
    /// </summary>
    (long Entered, long Discarded) Read();
}
