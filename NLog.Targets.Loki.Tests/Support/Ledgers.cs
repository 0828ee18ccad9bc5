using NUnit.Framework;

namespace NLog.Targets.Loki.Tests.Support;

/// <summary>The check that every fault test ends with.</summary>
internal static class Ledgers
{
    /// <summary>The balance holds, and every term that a test names has the value that an independent count gave.</summary>
    public static void AssertBalance(LokiStatistics statistics, long emitted, long delivered, long dropped = 0, long rejected = 0, long pending = 0)
    {
        Assert.Multiple(() =>
        {
            Assert.That(
                statistics.Delivered + statistics.Rejected + statistics.Dropped + statistics.Queued + statistics.Buffered
                    + statistics.InFlight + statistics.Retrying,
                Is.EqualTo(statistics.Emitted), "balance: " + statistics);
            Assert.That(statistics.Emitted, Is.EqualTo(emitted), "emitted: " + statistics);
            Assert.That(statistics.Delivered, Is.EqualTo(delivered), "delivered: " + statistics);
            Assert.That(statistics.Dropped, Is.EqualTo(dropped), "dropped: " + statistics);
            Assert.That(statistics.Rejected, Is.EqualTo(rejected), "rejected: " + statistics);
            Assert.That(statistics.Pending, Is.EqualTo(pending), "pending: " + statistics);
        });
    }
}
