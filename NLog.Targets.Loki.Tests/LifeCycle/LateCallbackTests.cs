using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using NLog.Config;
using NLog.Targets.Loki.Testing;
using NLog.Targets.Loki.Tests.Support;
using NUnit.Framework;

namespace NLog.Targets.Loki.Tests.LifeCycle;

/// <summary>A deadline of a closed target that has come due when a reload goes on with its sender is none of the new target.</summary>
[Category("Close")]
[Category("Reload")]
[NonParallelizable]
public sealed class LateCallbackTests : ServerTests
{
    private static readonly TimeSpan s_deadline = TimeSpan.FromSeconds(77);
    private static readonly TimeSpan s_mostOfDeadline = TimeSpan.FromSeconds(70);

    [Test]
    public async Task A_callback_that_was_on_its_way_at_the_reload_takes_nothing_from_the_new_target()
    {
        var time = new LateTime();
        using var logging = Logging.With(Target(time));
        var logger = logging.Logger();
        Server.Faults.Hang(true);
        logger.Info("of the first");
        await Wait.UntilAsync(() => logging.Statistics.InFlight == 1, "a request");
        // Without a Loki target: what the old one has is drained beside.
        logging.Factory.Configuration = new LoggingConfiguration(logging.Factory);
        IReadOnlyList<LateTimer> deadlines = [];
        await Wait.UntilAsync(() => (deadlines = time.Due(s_mostOfDeadline, s_deadline)).Count > 0, "the deadline of the drain");
        logging.Reload(Target(time));
        logger.Info("of the second");
        await Wait.UntilAsync(() => logging.Statistics is { Emitted: 2, Queued: 0 }, "the hand-over");
        foreach (var deadline in deadlines)
            deadline.Fire();
        logger.Info("of the second");
        Server.Faults.Hang(false);
        Assert.That(await logging.FlushAsync(), Is.Null);
        Ledgers.AssertBalance(logging.Statistics, 3, 3);
        Assert.That(Server.EntryCount, Is.EqualTo(3));
    }

    [Test]
    public async Task A_storm_of_reloads_around_the_deadline_loses_nothing_that_the_new_target_took()
    {
        Server.Faults.Delay = TimeSpan.FromMilliseconds(30);
        var all = Enumerable.Range(0, 24).Select(number => Task.Factory.StartNew(() => Storm(number), TaskCreationOptions.LongRunning)).ToList();
        var targets = await Task.WhenAll(all);
        Assert.That(targets.Select(statistics => statistics.CountOf(LokiDropReason.Closed)), Is.All.Zero);
        foreach (var statistics in targets)
            Ledgers.AssertBalance(statistics, 40, 40);
        Assert.That(Server.EntryCount, Is.EqualTo(24 * 40));
    }

    // Each number is a little later than the one before it: somebody hits the moment.
    private LokiStatistics Storm(int number)
    {
        LokiTarget Make() => new()
        {
            Name = "loki",
            Endpoint = Server.Url.ToString(),
            CloseTimeoutSeconds = 1,
            FlushTimeoutSeconds = 5,
            TaskDelayMilliseconds = 20,
            Labels = { new LokiLabel { Name = "storm", Layout = number.ToString(System.Globalization.CultureInfo.InvariantCulture) } },
        };
        using var logging = Logging.With(Make());
        using var pace = new ManualResetEventSlim();
        for (var reload = 0; reload < 2; reload++)
        {
            Log(logging, 10);
            logging.Factory.Configuration = new LoggingConfiguration(logging.Factory);
            pace.Wait(985 + (2 * number));
            logging.Reload(Make());
            Log(logging, 10);
            logging.Reload(Make());
        }

        logging.FlushAsync().GetAwaiter().GetResult();
        return logging.Statistics;
    }

    private static void Log(Logging logging, int count)
    {
        var logger = logging.Logger();
        for (var i = 0; i < count; i++)
            logger.Info("line");
    }

    private LokiTarget Target(TimeProvider time) => new(time, () => 0.5, null)
    {
        Name = "loki",
        Endpoint = Server.Url.ToString(),
        CloseTimeoutSeconds = (int)s_deadline.TotalSeconds,
        FlushTimeoutSeconds = 1,
        RequestTimeoutSeconds = 300,
        TaskDelayMilliseconds = 20,
    };

    /// <summary>The system's clock, whose callbacks a test can let come once more, as if they had been on their way when their timer was stopped.</summary>
    private sealed class LateTime : TimeProvider
    {
        private readonly List<LateTimer> _timers = [];

        public IReadOnlyList<LateTimer> Due(TimeSpan from, TimeSpan to)
        {
            lock (_timers)
                return [.. _timers.Where(timer => timer.Due >= from && timer.Due <= to)];
        }

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            var timer = new LateTimer(base.CreateTimer(callback, state, dueTime, period), () => callback(state), dueTime);
            lock (_timers)
                _timers.Add(timer);
            return timer;
        }
    }

    private sealed class LateTimer(ITimer timer, Action fire, TimeSpan due) : ITimer
    {
        public TimeSpan Due { get; private set; } = due;

        public void Fire() => fire();

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            Due = dueTime;
            return timer.Change(dueTime, period);
        }

        public void Dispose() => timer.Dispose();

        public ValueTask DisposeAsync() => timer.DisposeAsync();
    }
}
