using System;
using System.Collections.Concurrent;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using NLog.Targets.Loki.Testing;
using NLog.Targets.Loki.Tests.Support;
using NUnit.Framework;

namespace NLog.Targets.Loki.Tests.LifeCycle;

/// <summary>What a flush promises, on a clock that stands still: nothing here waits for a linger, a backoff or a deadline unless the test moves it.</summary>
[Category("Flush")]
public sealed class FlushTests : LifeCycleScene
{
    [Test]
    public async Task A_flush_ends_when_everything_before_it_is_delivered_or_refused_and_says_how_much_is_not()
    {
        Server.Faults.Add(new LokiFault { Status = 260 }, LokiFaults.Always, push => push.Streams.Any(labels => labels["level"] == "warn"));
        using var logging = Logging.With(Target());
        Log(logging, 20);
        Log(logging, 5, LogLevel.Warn);
        Assert.That((await logging.FlushAsync())?.ToString(), Does.Contain("5 entries are not delivered"));
        Ledgers.AssertBalance(logging.Statistics, 25, 20, rejected: 5);
        Assert.That(Server.EntryCount, Is.EqualTo(20));
        Assert.That(Time.Elapsed, Is.EqualTo(TimeSpan.Zero), "no linger, no deadline");
    }

    [Test]
    public async Task A_flush_before_aServer_that_hangs_ends_at_its_deadline_and_says_how_many_are_not_delivered()
    {
        Server.Faults.Hang(true);
        var logging = Logging.With(Target());
        Log(logging, 7);
        var flush = Flushing(logging);
        await Wait.UntilAsync(() => logging.Statistics.Requests == 1, "a request");
        Time.Advance(TimeSpan.FromSeconds(9.9));
        Assert.That(flush.IsCompleted, Is.False);
        Time.Advance(TimeSpan.FromSeconds(0.1));
        Assert.That((await flush.WaitAsync(TimeSpan.FromSeconds(30)))?.ToString(), Does.Contain(" 7 entries are not delivered"));
        Ledgers.AssertBalance(logging.Statistics, 7, 0, pending: 7);
        Server.Faults.Hang(false);
        await Wait.UntilAsync(() => logging.Statistics.Delivered == 7, "what a flush did not wait for arrives later");
        await EndAsync(logging);
    }

    [Test]
    public async Task A_flush_cuts_a_backoff_short_once()
    {
        Server.Faults.Respond(LokiFaults.Always, 503);
        var target = Target();
        target.RetryDelayMilliseconds = target.RetryMaxDelayMilliseconds = 60_000;
        var logging = Logging.With(target);
        Log(logging, 3);
        await Time.AdvanceUntilAsync(logging, () => logging.Statistics.Errors == 1, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(5), "the first refusal");
        Assert.That((await logging.FlushAsync())?.ToString(), Does.Contain("3 entries are not delivered"));
        Assert.That(Server.PushCount, Is.EqualTo(2), "one try at once, and no second one before the pause is over");
        Time.Advance(TimeSpan.FromSeconds(20));
        Assert.That(logging.Statistics.InFlight, Is.Zero);
        Server.Faults.Clear();
        Assert.That(await logging.FlushAsync(), Is.Null);
        Ledgers.AssertBalance(logging.Statistics, 3, 3);
        Assert.That(Server.EntryCount, Is.EqualTo(3));
        await EndAsync(logging);
    }

    [Category("Q3")]
    [Test]
    public async Task A_flush_while_the_queue_overflows_ends_within_its_time()
    {
        Server.Faults.Hang(true);
        var target = Target();
        target.QueueLimit = 100;
        target.BufferLimitBytes = 65_536;
        var logging = Logging.With(target);
        using var stop = new CancellationTokenSource();
        var writer = Task.Factory.StartNew(
            () =>
            {
                while (!stop.IsCancellationRequested)
                    Log(logging, 100);
            },
            TaskCreationOptions.LongRunning);
        await Wait.UntilAsync(() => logging.Statistics.Emitted > 10_000, "overflow");
        var flush = Flushing(logging);
        // Its deadline is armed on NLog's own thread, so the clock goes on until that has come about.
        await Wait.UntilAsync(
            () =>
            {
                Time.Advance(TimeSpan.FromSeconds(1));
                return flush.IsCompleted;
            },
            "the end of the flush", 40);
        Assert.That((await flush)?.ToString(), Does.Match(@"\d+ entries are not delivered"), "the target's word, not NLog's time-out");
        await stop.CancelAsync();
        await writer;
        Server.Faults.Hang(false);
        // What NLog discarded is known when its queue has been quiet for a second.
        var queue = new QueueWatch();
        await Wait.UntilAsync(
            () =>
            {
                // A clock that runs ahead of a busy machine would let every push time out.
                if (logging.UnderWay == 0)
                    Time.Advance(TimeSpan.FromSeconds(1));
                // The second after which the target starts it again may have gone by on this clock while a thread wrote.
                queue.Look(target);
                return logging.Statistics.Pending == 0;
            },
            "the rest", 40, state: () => $"{logging.Statistics}; {Server.PushCount} pushes at {Time.Elapsed}, the next timer at {Time.NextDue}; under way: {logging.UnderWay}; {string.Join('\n', InternalLog)}");
        var statistics = logging.Statistics;
        Assert.That(statistics.CountOf(LokiDropReason.QueueFull) + statistics.CountOf(LokiDropReason.BufferFull), Is.EqualTo(statistics.Dropped).And.Positive);
        Ledgers.AssertBalance(statistics, statistics.Emitted, Server.EntryCount, dropped: statistics.Emitted - Server.EntryCount);
        await EndAsync(logging);
    }

    [Category("Q4")]
    [Test]
    public async Task A_hundred_flushes_beside_four_writers_end_once_each_with_everything_before_them_delivered()
    {
        const int Flushes = 100;
        using var logging = Logging.With(Target());
        using var stop = new CancellationTokenSource();
        var logged = 0;
        var writers = Enumerable.Range(0, 4).Select(_ => Task.Factory.StartNew(
            () =>
            {
                var logger = logging.Logger();
                while (!stop.IsCancellationRequested)
                {
                    logger.Info("line {number}", Interlocked.Increment(ref logged));
                    Thread.SpinWait(20_000);
                }
            },
            TaskCreationOptions.LongRunning)).ToArray();
        var ends = new ConcurrentQueue<(int Flush, Exception? Error, bool IsMissing)>();
        var flushes = Enumerable.Range(0, Flushes).Select(flush => Task.Run(() =>
        {
            var line = "before flush " + flush;
            logging.Logger("flusher").Info(line);
            logging.Target.Flush(error => ends.Enqueue((flush, error, Server.Entries.All(entry => entry.Line != line))));
        }));
        await Task.WhenAll(flushes);
        await Wait.UntilAsync(() => ends.Count >= Flushes, "all flushes", 60);
        await stop.CancelAsync();
        await Task.WhenAll(writers);
        Assert.That(await logging.FlushAsync(), Is.Null);
        Assert.That(ends.Select(end => end.Flush).Order(), Is.EqualTo(Enumerable.Range(0, Flushes)), "each once");
        Assert.That(ends.Where(end => end.Error is not null || end.IsMissing), Is.Empty);
        Ledgers.AssertBalance(logging.Statistics, logged + Flushes, Server.EntryCount);
        Assert.That(Time.Elapsed, Is.EqualTo(TimeSpan.Zero));
    }

    [Category("Q5")]
    [Test]
    public async Task The_line_after_a_failed_push_and_a_flush_is_sent()
    {
        Server.Faults.Respond(1, 500);
        var target = Target();
        target.BatchSize = 1;
        target.RetryDelayMilliseconds = target.RetryMaxDelayMilliseconds = 60_000;
        using var logging = Logging.With(target);
        Log(logging, 1);
        await Time.AdvanceUntilAsync(logging, () => logging.Statistics.Errors == 1, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(5), "the failure");
        Log(logging, 1);
        Assert.That(await logging.FlushAsync(), Is.Null);
        Log(logging, 1);
        Assert.That(await logging.FlushAsync(), Is.Null);
        Assert.That(Server.EntryCount, Is.EqualTo(3));
        Ledgers.AssertBalance(logging.Statistics, 3, 3);
    }

    [Category("L7")]
    [Test]
    public async Task After_a_minute_and_a_half_of_sleep_one_push_goes_out_and_not_those_that_were_missed()
    {
        Server.Faults.Respond(LokiFaults.Always, 503);
        var target = Target();
        target.RetryDelayMilliseconds = target.RetryMaxDelayMilliseconds = 1000;
        target.CircuitBreakerThreshold = 1000;
        var logging = Logging.With(target);
        Log(logging, 10);
        await Time.AdvanceUntilAsync(logging, () => logging.Statistics.Errors == 3, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(20), "an outage");
        Server.Faults.Clear();
        var before = Server.PushCount;
        Time.WallClockStep(TimeSpan.FromSeconds(90));
        Time.Advance(TimeSpan.FromSeconds(90));
        await Wait.UntilAsync(() => logging.Statistics.Delivered == 10, "everything");
        Assert.That(Server.PushCount - before, Is.EqualTo(1));
        Ledgers.AssertBalance(logging.Statistics, 10, 10);
        await EndAsync(logging);
    }
}
