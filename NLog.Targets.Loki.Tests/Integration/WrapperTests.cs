using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using NLog.Config;
using NLog.Targets.Loki.Testing;
using NLog.Targets.Loki.Tests.Support;
using NLog.Targets.Wrappers;
using NUnit.Framework;

namespace NLog.Targets.Loki.Tests.Integration;

/// <summary>Whatever wrapper or group of NLog stands before a target: an event counts when it comes to the target, and nothing is lost that arrives.</summary>
[Category("Ledger")]
[NonParallelizable]
public sealed class WrapperTests : ServerTests
{
    protected override LokiTestServerOptions Options => new() { Limits = new LokiLimits { MaxGlobalStreamsPerUser = 0 }.WithoutRates() };

    private static IEnumerable<string> Names => Wrap.All.Select(wrap => wrap.Name);

    [Test]
    public async Task What_a_filter_behind_a_queue_keeps_away_never_came()
    {
        var target = Target("loki");
        var queue = new AsyncTargetWrapper(new FilteringTargetWrapper(target, "level >= LogLevel.Error"));
        using var factory = With(queue);
        using var watch = new StatisticsWatch(() => target.Statistics, () => 10, () => 0);
        var logger = factory.GetLogger("test");
        for (var i = 0; i < 1000; i++)
            logger.Info("line {number}", i);
        for (var i = 0; i < 10; i++)
            logger.Error("error {number}", i);
        factory.Flush(TimeSpan.FromSeconds(10));
        await Server.WaitForEntriesAsync(10, TimeSpan.FromSeconds(10));
        factory.Shutdown();
        Ledgers.AssertBalance(target.Statistics, 10, 10);
        watch.AssertHeld("filtered");
    }

    [Test]
    public void A_target_that_its_group_never_needs_counts_nothing()
    {
        var target = Target("loki");
        using var memory = new MemoryTarget("memory");
        using var factory = With(new FallbackGroupTarget(memory, target));
        using var watch = new StatisticsWatch(() => target.Statistics, () => 0, () => 0);
        Log(factory, 1000);
        Assert.That(memory.Logs, Has.Count.EqualTo(1000));
        Ledgers.AssertBalance(target.Statistics, 0, 0);
        factory.Flush(TimeSpan.FromSeconds(10));
        factory.Shutdown();
        Ledgers.AssertBalance(target.Statistics, 0, 0);
        watch.AssertHeld("second in a group");
    }

    [Test]
    public async Task The_second_of_two_targets_counts_nothing_while_the_first_is_well()
    {
        await using var other = await LokiTestServer.StartAsync();
        var (first, second) = (Target("first"), Target("second"));
        second.Endpoint = other.Url.ToString();
        using var factory = With(new FallbackGroupTarget(first, second));
        using var watch = new StatisticsWatch(() => second.Statistics, () => 0, () => 0);
        Log(factory, 10);
        factory.Flush(TimeSpan.FromSeconds(10));
        Ledgers.AssertBalance(first.Statistics, 10, 10);
        Ledgers.AssertBalance(second.Statistics, 0, 0);
        factory.Shutdown();
        Ledgers.AssertBalance(first.Statistics, 10, 10);
        Ledgers.AssertBalance(second.Statistics, 0, 0);
        Assert.That((Server.EntryCount, other.EntryCount, other.PushCount), Is.EqualTo((10, 0, 0)));
        watch.AssertHeld("second in a group");
    }

    [Test]
    public async Task A_small_queue_behind_a_large_one_loses_what_NLog_says_and_no_counter_falls()
    {
        const int Lines = 60_000;
        var target = Target("loki");
        target.QueueLimit = 1000;
        var discards = new DiscardListener();
        discards.ListenTo(target);
        using var factory = With(new AsyncTargetWrapper(target, 500_000, AsyncTargetWrapperOverflowAction.Grow) { TimeToSleepBetweenBatches = 20 });
        var logged = 0;
        using var watch = new StatisticsWatch(() => target.Statistics, () => Volatile.Read(ref logged), () => discards.Discarded);
        var logger = factory.GetLogger("test");
        for (var i = 0; i < Lines; i++)
        {
            Interlocked.Increment(ref logged);
            logger.Info("line {number}", i);
        }

        await Wait.UntilAsync(
            () => Server.EntryCount + discards.Discarded == Lines && target.Statistics.Pending == 0,
            "what was not discarded",
            state: () => $"stored {Server.EntryCount}, discarded {discards.Discarded}; {target.Statistics}");
        Assert.That(target.Statistics.CountOf(LokiDropReason.QueueFull), Is.EqualTo(discards.Discarded));
        factory.Shutdown();
        Ledgers.AssertBalance(target.Statistics, Lines, Server.EntryCount, dropped: discards.Discarded);
        watch.AssertHeld("a queue behind a queue");
    }

    [Test]
    public async Task What_a_wrapper_holds_back_is_neither_lost_nor_said_to_be()
    {
        using var internalLog = new InternalLogLines(LogLevel.Warn);
        var target = Target("loki");
        using var factory = With(new BufferingTargetWrapper(target, 100, 3000) { SlidingTimeout = false });
        using var watch = new StatisticsWatch(() => target.Statistics, () => 150, () => 0);
        Log(factory, 150);
        await Server.WaitForEntriesAsync(150, TimeSpan.FromSeconds(20));
        factory.Shutdown();
        Assert.That(internalLog.Lines.Where(line => line.Contains("loki", StringComparison.OrdinalIgnoreCase)), Is.Empty);
        Ledgers.AssertBalance(target.Statistics, 150, 150);
        watch.AssertHeld("held back");
    }

    [Test]
    public void Every_wrapper_and_group_of_this_NLog_is_among_those_that_are_tried()
    {
        using var target = new NullTarget();
        Assert.That(Wrap.All.Select(wrap => wrap.Around(target).GetType()).Distinct(), Is.EquivalentTo(Wrap.TypesOfNLog));
    }

    [TestCaseSource(nameof(Names))]
    public async Task The_books_behind_one_wrapper_are_the_truth(string wrap) => await AllAsync(
        [.. new[] { 100_000, 30 }.SelectMany(limit => new[] { false, true }.Select(counts => new WrappedLoki(Server, [Find(wrap)], counts, limit)))]);

    [TestCaseSource(nameof(Names))]
    public async Task The_books_behind_a_wrapper_in_each_other_are_the_truth(string inner) => await AllAsync(
        [.. Wrap.All.Select(outer => new WrappedLoki(Server, [outer, Find(inner)], counts: true))]);

    private static Wrap Find(string name) => Wrap.All.Single(wrap => wrap.Name == name);

    // Side by side, each on a thread of its own: a flush of NLog's blocks its caller.
    private static async Task AllAsync(IReadOnlyList<WrappedLoki> all)
    {
        try
        {
            var failures = await Task.WhenAll(all.Select(one => Task.Factory.StartNew(() => Try(one), TaskCreationOptions.LongRunning)));
            Assert.That(failures.OfType<string>(), Is.Empty);
        }
        finally
        {
            foreach (var one in all)
                one.Dispose();
        }
    }

    private static string? Try(WrappedLoki wrapped)
    {
        using var alone = new NUnit.Framework.Internal.TestExecutionContext.IsolatedContext();
        try
        {
            wrapped.Log(110);
            wrapped.AssertBooks();
            return null;
        }
        catch (AssertionException failure)
        {
            return failure.Message;
        }
    }

    private static void Log(LogFactory factory, int count)
    {
        var logger = factory.GetLogger("test");
        for (var i = 0; i < count; i++)
            logger.Info("line {number}", i.ToString(CultureInfo.InvariantCulture));
    }

    private static LogFactory With(Target outermost)
    {
        var factory = new LogFactory { ThrowConfigExceptions = true };
        var configuration = new LoggingConfiguration(factory);
        configuration.AddRuleForAllLevels(outermost);
        factory.Configuration = configuration;
        return factory;
    }

    private LokiTarget Target(string name) => new() { Name = name, Endpoint = Server.Url.ToString(), TaskDelayMilliseconds = 20 };
}
