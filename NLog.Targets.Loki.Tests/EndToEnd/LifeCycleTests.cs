using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using NLog.Targets.Loki.Tests.Support;
using NUnit.Framework;

namespace NLog.Targets.Loki.Tests.EndToEnd;

[Category("LifeCycle")]
public sealed class LifeCycleTests(ServedBy servedBy) : EndToEndTests(servedBy)
{
    [Category("Q9")]
    [Category("Reload")]
    [TestCase(true)]
    [TestCase(false)]
    public async Task Ten_reloads_under_load_lose_and_repeat_nothing_but_what_NLog_itself_drops(bool serverIsUp)
    {
        const int Threads = 2;
        const int Reloads = 10;
        const string Attributes = "retryDelayMilliseconds=\"20\" retryMaxDelayMilliseconds=\"100\" circuitBreakerResetSeconds=\"1\"";
        using var logging = Logging.To(Server.Url, Attributes);
        if (!serverIsUp)
            await Server.StopAsync();
        using var stop = new CancellationTokenSource();
        var logged = new int[Threads];
        var writers = Enumerable.Range(0, Threads).Select(thread => Task.Factory.StartNew(
            () =>
            {
                var logger = logging.Logger("thread" + thread);
                while (!stop.IsCancellationRequested)
                {
                    logger.Info("line {thread} {number}", thread, logged[thread]++);
                    Thread.SpinWait(2000);
                    // Load, not overload: a busy machine must not turn this into a test of NLog's full queue.
                    while (logged[thread] % 100 == 0 && logging.Statistics.Queued > 10_000 && !stop.IsCancellationRequested)
                        Thread.Yield();
                }
            },
            TaskCreationOptions.LongRunning)).ToArray();
        var last = logging.Statistics;
        for (var reload = 0; reload < Reloads; reload++)
        {
            var before = logged.Sum();
            await Wait.UntilAsync(() => logged.Sum() > before + 500, "load between reloads");
            logging.Reload(Logging.TargetXml(Server.Url, Attributes));
            var now = logging.Statistics;
            Assert.That(now.Emitted, Is.GreaterThanOrEqualTo(last.Emitted));
            Assert.That(now.Delivered, Is.GreaterThanOrEqualTo(last.Delivered));
            Assert.That(now.Requests, Is.GreaterThanOrEqualTo(last.Requests));
            last = now;
        }

        await stop.CancelAsync();
        await Task.WhenAll(writers);
        if (!serverIsUp)
            await Server.RestartAsync();
        await Wait.UntilAsync(() => logging.Statistics.Pending == 0, "everything settled: " + logging.Statistics, 30);
        var total = logged.Sum();
        TestContext.Out.WriteLine($"{total} logged, {logging.Statistics}");
        Assert.That(Server.EntryCount, Is.EqualTo(logging.Statistics.Delivered));
        Assert.That(Server.DuplicatesRefused, Is.Zero);
        Assert.That(logging.Statistics.Lost, Is.LessThanOrEqualTo(Threads * Reloads), logging.Statistics.ToString());
        Assert.That(total - Server.EntryCount, Is.LessThanOrEqualTo(Threads * Reloads), logging.Statistics.ToString());
    }

    [Category("Flush")]
    [Test]
    public async Task A_flush_says_how_many_entries_are_not_delivered()
    {
        await Server.StopAsync();
        using var logging = Logging.To(Server.Url, "retryDelayMilliseconds=\"20\"");
        for (var i = 0; i < 7; i++)
            logging.Logger().Info("line");
        var error = await logging.FlushAsync();
        Assert.That(error?.ToString(), Does.Contain("7 entries are not delivered"));
        await Server.RestartAsync();
        Assert.That(await logging.FlushAsync(), Is.Null);
        Assert.That(Server.EntryCount, Is.EqualTo(7));
        Ledgers.AssertBalance(logging.Statistics, 7, 7);
    }

    [Category("Disabled")]
    [Test]
    public async Task A_disabled_target_sends_and_counts_nothing()
    {
        using var logging = Logging.To(Server.Url, "enabled=\"false\"");
        logging.Logger().Info("line");
        Assert.That(await logging.FlushAsync(), Is.Null);
        Assert.That(Server.PushCount, Is.Zero);
        Assert.That(logging.Statistics.Emitted, Is.Zero);
    }

    [Category("QueueFull")]
    [Category("BufferFull")]
    [Category("Q1")]
    [Test]
    public async Task Logging_goes_on_while_theServer_answers_nothing_and_what_does_not_fit_is_counted()
    {
        Server.Faults.Hang(true);
        using var logging = Logging.To(Server.Url, "queueLimit=\"2000\" bufferLimitBytes=\"1048576\" flushTimeoutSeconds=\"1\"");
        var logged = 0;
        void Log(int count)
        {
            for (var end = logged + count; logged < end; logged++)
                logging.Logger().Info("line {number}", logged);
        }

        // A short burst overflows NLog's queue; how much of it gets on to the buffer is the machine's affair, so it is filled step by step.
        Log(20_000);
        await Wait.UntilAsync(
            () =>
            {
                Log(500);
                return logging.Statistics.CountOf(LokiDropReason.BufferFull) > 0;
            },
            "a full buffer");
        Assert.That(logging.Statistics.Delivered, Is.Zero, "every call returned before the server answered anything");
        Assert.That(Server.EntryCount, Is.Zero);
        await Wait.UntilAsync(() => EmptyQueue.Of(logging.Target), "what NLog's queue discarded is known");
        var held = logging.Statistics;
        Assert.That(held.Dropped + held.Pending, Is.EqualTo(logged), held.ToString());
        Server.Faults.Hang(false);
        await Wait.UntilAsync(() => logging.Statistics.Pending == 0, "the rest is delivered");
        Ledgers.AssertBalance(logging.Statistics, logged, Server.EntryCount, dropped: logged - Server.EntryCount);
        TestContext.Out.WriteLine(logging.Statistics.ToString());
    }
}
