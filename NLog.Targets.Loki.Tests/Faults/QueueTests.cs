using System;
using System.Diagnostics;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using NLog.Targets.Loki.Testing;
using NLog.Targets.Loki.Tests.Support;
using NUnit.Framework;

namespace NLog.Targets.Loki.Tests.Faults;

/// <summary>Threads that log more than can be taken, and targets beside each other (fault matrix, section 3.4).</summary>
[NonParallelizable]
public sealed class QueueTests : ServerTests
{
    protected override LokiTestServerOptions Options => new() { Limits = new LokiLimits().WithoutRates() };

    [Test]
    [Category("Q1")]
    public async Task A_million_lines_from_32_threads_before_a_slow_server_are_delivered_or_counted()
    {
        const int Threads = 32;
        const int Lines = 1_000_000;
        const int QueueLimit = 20_000;
        const int BufferLimit = 8 << 20;
        var before = GC.GetTotalMemory(forceFullCollection: true);
        Server.Faults.Delay = TimeSpan.FromMilliseconds(200);
        using var logging = Logging.To(Server.Url, $"queueLimit=\"{QueueLimit}\" bufferLimitBytes=\"{BufferLimit}\" diagnostics=\"None\"");
        var logger = logging.Logger();
        var slowest = new long[Threads];
        var threads = Enumerable.Range(0, Threads).Select(number => new Thread(() =>
        {
            for (var i = 0; i < Lines / Threads; i++)
            {
                var start = Stopwatch.GetTimestamp();
                logger.Info("burst");
                slowest[number] = Math.Max(slowest[number], Stopwatch.GetTimestamp() - start);
            }
        })).ToList();
        threads.ForEach(thread => thread.Start());
        threads.ForEach(thread => thread.Join());
        var growth = GC.GetTotalMemory(forceFullCollection: true) - before;
        Server.Faults.Delay = TimeSpan.Zero;
        await Wait.UntilAsync(() => logging.Statistics.Pending == 0, "everything settled", ceilingSeconds: 40);
        var statistics = logging.Statistics;
        TestContext.Out.WriteLine($"{statistics}; slowest call {TimeSpan.FromSeconds((double)slowest.Max() / Stopwatch.Frequency).TotalMilliseconds:F0} ms; memory {growth >> 20} MiB");
        Assert.That(statistics.CountOf(LokiDropReason.QueueFull), Is.Positive);
        Assert.That(statistics.Delivered, Is.EqualTo(Server.EntryCount));
        Assert.That(statistics.CountOf(LokiDropReason.QueueFull) + statistics.CountOf(LokiDropReason.BufferFull), Is.EqualTo(Lines - Server.EntryCount));
        // What the server holds is of this process too: about a KiB an entry.
        Assert.That(growth, Is.LessThan((QueueLimit * 500L) + BufferLimit + (3 << 20) + (16 << 20) + (Server.EntryCount * 1024L)));
        Ledgers.AssertBalance(statistics, Lines, Server.EntryCount, dropped: Lines - Server.EntryCount);
    }

    [Test]
    [Category("Q2")]
    public async Task A_close_releases_the_threads_that_Block_holds_back()
    {
        Server.Faults.Hang(true);
        using var logging = Logging.To(Server.Url, "overflowAction=\"Block\" queueLimit=\"100\" bufferLimitBytes=\"65536\" closeTimeoutSeconds=\"1\" flushTimeoutSeconds=\"1\" diagnostics=\"None\"");
        var logger = logging.Logger();
        using var stop = new CancellationTokenSource();
        var logged = 0;
        var writers = Enumerable.Range(0, 4).Select(_ => Task.Factory.StartNew(
            () =>
            {
                while (!stop.IsCancellationRequested)
                {
                    logger.Info("a line of an application");
                    Interlocked.Increment(ref logged);
                }
            },
            TaskCreationOptions.LongRunning)).ToArray();
        var (last, since) = (-1, Environment.TickCount64);
        await Wait.UntilAsync(
            () =>
            {
                if (logged != last)
                    (last, since) = (logged, Environment.TickCount64);
                return logged > 0 && Environment.TickCount64 - since > 300;
            },
            "writers that wait");
        Assert.That(logging.Statistics.Lost, Is.Zero, logging.Statistics.ToString());
        await stop.CancelAsync();
        await Task.Run(logging.Factory.Shutdown).WaitAsync(TimeSpan.FromSeconds(20));
        await Task.WhenAll(writers).WaitAsync(TimeSpan.FromSeconds(20));
        await Wait.UntilAsync(() => logging.Statistics.Pending == 0, "everything settled");
        var statistics = logging.Statistics;
        Ledgers.AssertBalance(statistics, statistics.Emitted, 0, dropped: statistics.Emitted);
        Assert.That(statistics.Emitted, Is.LessThanOrEqualTo(logged));
    }

    [Test]
    [Category("Q10")]
    public async Task Two_targets_before_one_server_have_ledgers_and_buffers_of_their_own()
    {
        const int Lines = 2000;
        using var factory = new LogFactory { ThrowConfigExceptions = true };
        var configuration = new Config.LoggingConfiguration(factory);
        var targets = new[] { "one", "two" }.Select(name => new LokiTarget
        {
            Name = name,
            Endpoint = Server.Url.ToString(),
            TaskDelayMilliseconds = 50,
            RetryDelayMilliseconds = 20,
            RetryMaxDelayMilliseconds = 100,
            CircuitBreakerThreshold = 1000,
        }).ToList();
        foreach (var target in targets)
        {
            target.Labels.Add(new LokiLabel("target", target.Name!));
            configuration.AddRuleForAllLevels(target);
        }

        factory.Configuration = configuration;
        Server.Faults.Respond(6, 503);
        Server.Faults.StoreThenAbort(2);
        for (var i = 0; i < Lines; i++)
            factory.GetLogger("test").Info("line {number}", i);
        await Server.WaitForEntriesAsync(2 * Lines, TimeSpan.FromSeconds(20));
        await Wait.UntilAsync(() => targets.All(target => target.Statistics.Pending == 0), "both delivered");
        foreach (var target in targets)
        {
            var numbers = Server.Entries.Where(entry => entry.Labels["target"] == target.Name).Select(entry => int.Parse(entry.Metadata["number"]));
            Assert.That(numbers, Is.EqualTo(Enumerable.Range(0, Lines)), target.Name);
            Ledgers.AssertBalance(target.Statistics, Lines, Lines);
        }
    }
}
