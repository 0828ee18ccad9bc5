using System;
using System.Linq;
using System.Net;
using System.Net.Sockets;
using System.Threading.Tasks;
using NLog.Targets.Loki.Tests.Support;
using NUnit.Framework;

namespace NLog.Targets.Loki.Tests.Faults;

/// <summary>More than can be held, to nobody who listens: every event is counted, memory stays bounded, and no logging thread waits for us.</summary>
[NonParallelizable]
[Category("MustHold1")]
public sealed class FloodTests
{
    private const int Threads = 16;
    private const int EventsOfThread = 62_500;
    private const long BufferBytes = 8 << 20;
    private const int QueueLimit = 10_000;

    [Test]
    public async Task A_million_events_of_sixteen_threads_before_a_refused_port_are_counted_to_the_event()
    {
        using var logging = Logging.FromXml(
            $"<target type=\"Loki\" name=\"loki\" endpoint=\"http://127.0.0.1:{RefusedPort()}\" queueLimit=\"{QueueLimit}\" bufferLimitBytes=\"{BufferBytes}\" diagnostics=\"None\" closeTimeoutSeconds=\"1\" flushTimeoutSeconds=\"1\" />");
        var logger = logging.Logger();
        logger.Info("warm");
        await Wait.UntilAsync(() => logging.Statistics.Errors > 0, "a refused request");
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var writers = Enumerable.Range(0, Threads).Select(thread => Task.Factory.StartNew(
            () =>
            {
                for (var i = 0; i < EventsOfThread; i++)
                    logger.Info("an ordinary line of an application, {thread} {number}", thread, i);
            },
            TaskCreationOptions.LongRunning)).ToArray();
        await Task.WhenAll(writers);
        const int Logged = 1 + (Threads * EventsOfThread);
        Assert.That(logging.Statistics.Emitted, Is.EqualTo(Logged), "counted on the threads that log");
        await Wait.UntilAsync(() => EmptyQueue.Of(logging.Target), "what NLog's queue discarded is known", 60);
        var growth = GC.GetTotalMemory(forceFullCollection: true) - before;
        TestContext.Out.WriteLine($"{growth >> 10} KiB more; {logging.Statistics}");
        var statistics = logging.Statistics;
        Assert.That(statistics.Delivered, Is.Zero);
        Assert.That(statistics.Pending, Is.Positive);
        Assert.That(statistics.CountOf(LokiDropReason.QueueFull) + statistics.CountOf(LokiDropReason.BufferFull), Is.EqualTo(Logged - statistics.Pending));
        Ledgers.AssertBalance(statistics, Logged, 0, dropped: Logged - statistics.Pending, pending: statistics.Pending);
        // Buffer, an event object for each place in the queue, and a few batches of a megabyte with their renderings.
        Assert.That(growth, Is.LessThan(BufferBytes + (QueueLimit * 1024L) + (4 << 20)));
        logging.Factory.Shutdown();
        Ledgers.AssertBalance(logging.Statistics, Logged, 0, dropped: Logged);
    }

    [Test]
    public async Task A_logging_thread_waits_neither_for_a_hand_over_nor_for_the_sender()
    {
        // At hand-over, which from now on stands still.
        var standing = new StandingLayout.AtHandOver();
        var target = new LokiTarget
        {
            Endpoint = $"http://127.0.0.1:{RefusedPort()}",
            Diagnostics = LokiDiagnostics.None,
            CloseTimeoutSeconds = 1,
            FlushTimeoutSeconds = 1,
            Layout = standing,
        };
        using var logging = Logging.With(target);
        logging.Logger().Info("line");
        standing.AwaitReached();
        var writers = Enumerable.Range(0, Threads).Select(_ => Task.Factory.StartNew(
            () =>
            {
                for (var i = 0; i < 1000; i++)
                    logging.Logger().Info("line");
            },
            TaskCreationOptions.LongRunning)).ToArray();
        await Task.WhenAll(writers).WaitAsync(TimeSpan.FromSeconds(20));
        Assert.That(logging.Statistics.Emitted, Is.EqualTo(1 + (Threads * 1000)));
        Assert.That(logging.Statistics.Queued, Is.EqualTo(1 + (Threads * 1000)), "all calls came back while the hand-over stood");
        standing.LetGo();
        await Wait.UntilAsync(() => EmptyQueue.Of(logging.Target), "the hand-over");
    }

    private static int RefusedPort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
