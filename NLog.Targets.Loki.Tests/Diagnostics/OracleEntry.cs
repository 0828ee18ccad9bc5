using System;

namespace NLog.Targets.Loki.Tests.Diagnostics;

/// <summary>What the oracle knows of one event: where it must be, and what its requests met so far.</summary>
internal sealed class OracleEntry(int id)
{
    public int Id => id;

    public OraclePlace Place { get; set; } = OraclePlace.Buffered;

    /// <summary>Why it is lost, if it is.</summary>
    public LokiDropReason Reason { get; set; }

    /// <summary>Names the batch it waits in after a failed request.</summary>
    public int Batch { get; set; }

    public long? Nanoseconds { get; set; }

    public int Attempts { get; set; }

    /// <summary>Answers of a server that it wants the batch later.</summary>
    public int Refusals { get; set; }

    /// <summary>Answers that a rate is exceeded.</summary>
    public int Throttles { get; set; }

    /// <summary>How many batches had been delivered at the first of them.</summary>
    public int PassesBefore { get; set; }

    public bool IsStripped { get; set; }

    public TimeSpan? StreamLimitSince { get; set; }

    /// <summary>It is in another batch now; the refusals of the old one count on, but not for an entry alone.</summary>
    public void BeginAnew(bool isAlone)
    {
        StreamLimitSince = null;
        Throttles = 0;
        Refusals = isAlone ? 0 : Refusals;
    }
}
