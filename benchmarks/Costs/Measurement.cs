namespace Costs;

/// <summary>What one round of one row cost.</summary>
internal sealed class Measurement
{
    public int Events { get; set; }

    /// <summary>Which of the processes of its row it comes from.</summary>
    public int Generation { get; set; }

    /// <summary>Process CPU time from the first log call until everything is delivered.</summary>
    public double CpuMicroseconds { get; set; }

    public double WallMilliseconds { get; set; }

    public long Allocated { get; set; }

    /// <summary>Size of the large object heap before and after.</summary>
    public long LargeBefore { get; set; }

    public long LargeAfter { get; set; }

    public int Collections { get; set; }

    /// <summary>How often a thread had to wait for a lock.</summary>
    public long Contentions { get; set; }

    /// <summary>What did not arrive; null when everything did.</summary>
    public string? Problem { get; set; }
}
