using NLog.Targets.Loki.Diagnostics;

namespace NLog.Targets.Loki.Tests.Support;

/// <summary>Counts of a queue that a test sets.</summary>
internal sealed class TestCounts : IQueueCounts
{
    public long Entered { get; set; }

    public long Discarded { get; set; }

    public (long Entered, long Discarded) Read() => (Entered, Discarded);
}
