using System;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using NLog.Config;
using NLog.Targets.Loki.Tests.Support;
using NUnit.Framework;

namespace NLog.Targets.Loki.Tests.Integration;

/// <summary>What NLog's queue discards is in the ledger at the moment at which NLog says so, and only that.</summary>
[Category("Ledger")]
[NonParallelizable]
[FixtureLifeCycle(NUnit.Framework.LifeCycle.InstancePerTestCase)]
public sealed class DiscardTests : ServerTests
{
    private const int Lines = 290_001;
    private const int QueueLimit = 1000;

    private readonly DiscardListener _discards = new();
    private long _logged;

    [TestCase(1)]
    [TestCase(3)]
    public async Task The_ledger_of_an_overflow_says_at_every_moment_what_the_queue_says(int threads)
    {
        var standing = new StandingLayout.AtHandOver();
        var target = new LokiTarget
        {
            Name = "loki",
            Endpoint = Server.Url.ToString(),
            QueueLimit = QueueLimit,
            TaskDelayMilliseconds = 20,
            Layout = standing,
            Diagnostics = LokiDiagnostics.None,
        };
        _discards.ListenTo(target);
        using var factory = new LogFactory { ThrowConfigExceptions = true };
        var configuration = new LoggingConfiguration(factory);
        configuration.AddRuleForAllLevels(target);
        factory.Configuration = configuration;
        using var watch = new StatisticsWatch(() => target.Statistics, () => Interlocked.Read(ref _logged), () => _discards.Discarded);
        using var atTheEnd = new Release(standing.LetGo);
        Log(factory, 1);
        standing.AwaitReached();
        for (var round = 0; round < 10; round++)
        {
            // Rounded down but for the last.
            var lines = round < 9 ? Lines / 10 : Lines - 1 - (9 * (Lines / 10));
            await Task.WhenAll(Enumerable.Range(0, threads).Select(thread => Task.Run(() => Log(factory, (lines / threads) + (thread < lines % threads ? 1 : 0)))));
            var statistics = target.Statistics;
            Assert.That(statistics.CountOf(LokiDropReason.QueueFull), Is.EqualTo(_discards.Discarded), "nobody logs and nothing is handed over: " + statistics);
            Ledgers.AssertBalance(statistics, _logged, 0, dropped: _discards.Discarded, pending: _logged - _discards.Discarded);
        }

        Assert.That((_logged, _discards.Discarded), Is.EqualTo((Lines, Lines - 1 - QueueLimit)));
        standing.LetGo();
        await Server.WaitForEntriesAsync(QueueLimit + 1, TimeSpan.FromSeconds(20));
        factory.Flush(TimeSpan.FromSeconds(10));
        Ledgers.AssertBalance(target.Statistics, Lines, QueueLimit + 1, dropped: Lines - 1 - QueueLimit);
        factory.Shutdown();
        Ledgers.AssertBalance(target.Statistics, Lines, QueueLimit + 1, dropped: Lines - 1 - QueueLimit);
        watch.AssertHeld("an overflow");
    }

    private void Log(LogFactory factory, int count)
    {
        var logger = factory.GetLogger("test");
        for (var i = 0; i < count; i++)
        {
            Interlocked.Increment(ref _logged);
            logger.Info("line");
        }
    }

    /// <summary>Lets the hand-over go also when a test fails, so that its end need not wait for it.</summary>
    private sealed class Release(Action letGo) : IDisposable
    {
        public void Dispose() => letGo();
    }
}
