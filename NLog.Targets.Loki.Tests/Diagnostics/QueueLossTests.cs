using System;
using System.Net.Http;
using System.Threading.Tasks;
using NLog.Config;
using NLog.Targets.Loki.Integration;
using NLog.Targets.Loki.Tests.Support;
using NLog.Targets.Wrappers;
using NUnit.Framework;
using RichardSzalay.MockHttp;

namespace NLog.Targets.Loki.Tests.Diagnostics;

/// <summary>NLog tells nobody what its queue discards, or what it still held when a target was closed: the ledger knows all the same.</summary>
[Category("Ledger")]
[FixtureLifeCycle(NUnit.Framework.LifeCycle.InstancePerTestCase)]
public sealed class QueueLossTests
{
    private const int QueueLimit = 2000;
    private const int Logged = 10_001;
    private const int Kept = QueueLimit + 1;

    private readonly ManualTime _time = new();
    private readonly StandingLayout.AtHandOver _standing = new();
    private long _discardedWhileStanding;

    [Test]
    public async Task What_a_full_queue_discards_is_known_at_once_and_to_the_event()
    {
        using var logging = await OverflowAsync();
        Assert.That(_discardedWhileStanding, Is.EqualTo(Logged - Kept));
        Assert.That(logging.Statistics.CountOf(LokiDropReason.QueueFull), Is.EqualTo(Logged - Kept));
        Ledgers.AssertBalance(logging.Statistics, Logged, 0, dropped: Logged - Kept, pending: Kept);
    }

    [Test]
    public async Task What_a_full_queue_discarded_is_known_after_a_flush()
    {
        using var logging = await OverflowAsync();
        Assert.That(await logging.FlushAsync(), Is.Null);
        Assert.That(logging.Statistics.CountOf(LokiDropReason.QueueFull), Is.EqualTo(Logged - Kept));
        Ledgers.AssertBalance(logging.Statistics, Logged, Kept, dropped: Logged - Kept);
    }

    [Test]
    public async Task With_an_NLog_that_shows_nothing_of_its_queue_what_it_discarded_is_known_after_a_flush()
    {
        using var logging = await OverflowAsync(NLogQueueMembers.None);
        Assert.That(logging.Statistics.Emitted, Is.EqualTo(Logged));
        Assert.That(_discardedWhileStanding, Is.Zero);
        Assert.That(await logging.FlushAsync(), Is.Null);
        Assert.That(logging.Statistics.CountOf(LokiDropReason.QueueFull), Is.EqualTo(Logged - Kept));
        Ledgers.AssertBalance(logging.Statistics, Logged, Kept, dropped: Logged - Kept);
    }

    [Test]
    public async Task With_an_NLog_that_shows_nothing_of_its_queue_what_it_discarded_is_known_after_a_quiet_time()
    {
        using var logging = await OverflowAsync(NLogQueueMembers.None);
        await Wait.UntilAsync(
            () =>
            {
                _time.Advance(TimeSpan.FromSeconds(1));
                return EmptyQueue.Of(logging.Target);
            },
            "two quiet seconds");
        Assert.That(logging.Statistics.CountOf(LokiDropReason.QueueFull), Is.EqualTo(Logged - Kept));
        Ledgers.AssertBalance(logging.Statistics, Logged, 0, dropped: Logged - Kept, pending: Kept);
    }

    [Test]
    public async Task The_queue_of_this_NLog_can_be_asked()
    {
        using var logging = Logging.With(Target());
        var queue = NLogQueueMembers.Found.QueueOf(logging.Target)!;
        Assert.That(NLogQueueMembers.Found.Length(queue) is not null, "its length");
        Assert.That(NLogQueueMembers.Found.Dequeue(queue) is not null, "what it holds");
        Assert.That(NLogQueueMembers.Found.Listen(queue, (_, _) => { }) is not null, "what it discards");
        await logging.FlushAsync();
    }

    [Test]
    public async Task What_the_queue_kept_when_a_target_is_closed_is_delivered()
    {
        using var logging = await OverflowAsync();
        var full = logging.Statistics.CountOf(LokiDropReason.QueueFull);
        // Without a flush before.
        logging.Factory.Dispose();
        await Account(logging).Closing;
        Assert.That(logging.Statistics.CountOf(LokiDropReason.QueueFull), Is.EqualTo(full));
        Assert.That(logging.Statistics.Queued, Is.Zero);
        // What the queue kept drains in the background.
        await Wait.UntilAsync(() => logging.Statistics.Pending == 0, "the end of the drain");
        Ledgers.AssertBalance(logging.Statistics, Logged, Kept, dropped: Logged - Kept);
    }

    [Test]
    public async Task An_event_whose_thread_stood_still_while_the_target_was_closed_is_closed()
    {
        var standing = new StandingLayout.WhereLogged();
        var target = Target();
        target.Labels.Add(new LokiLabel { Name = "a", Layout = standing });
        using var logging = Logging.With(target);
        var logs = Task.Run(() => logging.Logger().Info("line"));
        standing.AwaitReached();
        var account = Account(logging);
        logging.Factory.Dispose();
        await account.Closing;
        standing.LetGo();
        await logs;
        Assert.That(logging.Statistics.Queued, Is.Zero);
        Ledgers.AssertBalance(logging.Statistics, 1, 0, dropped: 1);
        Assert.That(logging.Statistics.CountOf(LokiDropReason.Closed), Is.EqualTo(1));
    }

    [Test]
    public void An_event_for_a_target_that_is_closed_is_counted()
    {
        using var logging = Logging.With(Target());
        var target = logging.Target;
        logging.Factory.Shutdown();
        target.WriteAsyncLogEvent(LogEventInfo.Create(LogLevel.Info, "test", "late").WithContinuation(_ => { }));
        Ledgers.AssertBalance(target.Statistics, 1, 0, dropped: 1);
        Assert.That(target.Statistics.CountOf(LokiDropReason.Closed), Is.EqualTo(1));
    }

    [Test]
    public async Task An_event_for_a_closed_target_does_not_stand_in_for_one_that_the_queue_discarded()
    {
        var target = Target();
        target.Layout = _standing;
        target.QueueLimit = 1;
        using var logging = Logging.With(target);
        logging.Logger().Info("line");
        _standing.AwaitReached();
        for (var i = 1; i < 10; i++)
            logging.Logger().Info("line");
        var account = Account(logging);
        var closing = Task.Run(() => logging.Factory.Configuration = null);
        // NLog flushes before it closes, and the deadline of a flush is on the test's clock.
        while (await Task.WhenAny(closing, Task.Delay(5)) != closing)
            _time.Advance(TimeSpan.FromSeconds(1));
        var late = Task.Run(() => target.WriteAsyncLogEvent(LogEventInfo.Create(LogLevel.Info, "test", "late").WithContinuation(_ => { })));
        _standing.AwaitReached();
        _standing.LetGo();
        await late;
        await account.Closing;
        await Wait.UntilAsync(() => target.Statistics.Pending == 0, "the end of the drain");
        Ledgers.AssertBalance(target.Statistics, 11, 0, dropped: 11);
    }

    [Test]
    public void An_event_after_everything_was_given_up_is_closed_at_once()
    {
        using var logging = Logging.AtOnce(Target());
        Account(logging).Finish(new Deadline(TimeSpan.Zero));
        logging.Logger().Info("line");
        Assert.That(() => logging.Statistics.CountOf(LokiDropReason.Closed), Is.EqualTo(1).After(20_000, 5));
        Ledgers.AssertBalance(logging.Statistics, 1, 0, dropped: 1);
    }

    [Test]
    public async Task What_the_queue_of_a_wrapped_target_discards_is_known_too()
    {
        var target = Target();
        target.Layout = _standing;
        target.QueueLimit = 10;
        var factory = new LogFactory();
        var configuration = new LoggingConfiguration(factory);
        configuration.AddRuleForAllLevels(new AutoFlushTargetWrapper("wrapper", target) { Condition = "false" });
        factory.Configuration = configuration;
        var logger = factory.GetLogger("test");
        logger.Info("line");
        _standing.AwaitReached();
        for (var i = 1; i < 100; i++)
            logger.Info("line");
        Assert.That(target.Statistics.Emitted, Is.EqualTo(100));
        _standing.LetGo();
        await Wait.UntilAsync(() => target.Statistics.Buffered + target.Statistics.InFlight == 11, "the hand-over of what was kept");
        factory.Dispose();
        await Wait.UntilAsync(() => target.Statistics.Pending == 0, "the end of the drain");
        Ledgers.AssertBalance(target.Statistics, 100, 11, dropped: 89);
    }

    private static TargetAccount Account(Logging logging) => AccountRegistry.Account(logging.Factory, "loki", TimeProvider.System);

    // The first event stands in its hand-over, the queue fills behind it and discards, and then everything goes on.
    private async Task<Logging> OverflowAsync(NLogQueueMembers? members = null)
    {
        var target = Target();
        target.QueueMembers = members ?? NLogQueueMembers.Found;
        target.Layout = _standing;
        target.QueueLimit = QueueLimit;
        var logging = Logging.With(target);
        logging.Logger().Info("line");
        _standing.AwaitReached();
        for (var i = 1; i < Logged; i++)
            logging.Logger().Info("line");
        _discardedWhileStanding = logging.Statistics.CountOf(LokiDropReason.QueueFull);
        _standing.LetGo();
        await Wait.UntilAsync(() => logging.Statistics.Buffered + logging.Statistics.InFlight == Kept, "the hand-over of what was kept");
        return logging;
    }

    private LokiTarget Target()
    {
        var http = new MockHttpMessageHandler();
        http.When("*").Respond(_ => new HttpResponseMessage(System.Net.HttpStatusCode.NoContent));
        return new LokiTarget(_time, () => 0.5, http)
        {
            Name = "loki",
            Endpoint = "http://loki.test",
            TaskDelayMilliseconds = 5000,
            Diagnostics = LokiDiagnostics.None,
        };
    }
}
