using System;
using System.Linq;
using System.Threading.Tasks;
using NLog.Targets.Loki.Testing;
using NLog.Targets.Loki.Tests.Support;
using NUnit.Framework;

namespace NLog.Targets.Loki.Tests.LifeCycle;

/// <summary>What a new configuration does to the lines of the old one, and to those who log meanwhile.</summary>
[Category("Reload")]
public sealed class ReloadTests : LifeCycleScene
{
    private static readonly TimeSpan s_ceiling = TimeSpan.FromSeconds(60);

    [Category("Q9")]
    [Test]
    public async Task The_same_endpoint_is_served_from_the_same_buffer_and_a_backoff_is_not_begun_anew()
    {
        Server.Faults.Respond(LokiFaults.Always, 503);
        var logging = Logging.With(Target());
        Log(logging, 100);
        await Time.AdvanceUntilAsync(logging, () => logging.Statistics.Errors == 1, TimeSpan.FromMilliseconds(500), TimeSpan.FromSeconds(5), "an outage");
        for (var reload = 0; reload < 20; reload++)
        {
            logging.Factory.Configuration = With(logging, Target());
            Log(logging, 10);
        }

        var statistics = SenderStatistics(logging);
        Assert.That((statistics.Emitted, statistics.Pending), Is.EqualTo((300, 300)));
        Assert.That(Server.PushCount, Is.LessThanOrEqualTo(21), "NLog flushes at each reload, which is one probe");
        Server.Faults.Clear();
        Assert.That(await logging.FlushAsync(), Is.Null);
        Assert.That(Server.EntryCount, Is.EqualTo(300));
        Ledgers.AssertBalance(SenderStatistics(logging), 300, 300);
        await EndAsync(logging);
    }

    [Category("Close")]
    [Test]
    public async Task Logging_goes_on_while_a_reload_waits_for_theServer_and_the_old_lines_arrive()
    {
        await using var other = await LokiTestServer.StartAsync();
        Server.Faults.Hang(true);
        var logging = Logging.With(Target());
        var logger = logging.Logger();
        Log(logging, 100);
        var reload = Task.Run(() => logging.Factory.Configuration = With(logging, Target(endpoint: other.Url)));
        await Wait.UntilAsync(() => logging.Statistics.Requests == 1, "the flush of the reload");
        for (var i = 0; i < 1000; i++)
            logger.Info("during the reload {number}", i);
        Assert.That(reload.IsCompleted, Is.False, "each call returned before the reload was over, which waits on a clock that stands");
        Time.Advance(TimeSpan.FromSeconds(10));
        await reload.WaitAsync(s_ceiling);
        await HandedOver(logging);
        logger.Info("after the reload");
        await Wait.UntilAsync(() => logging.Statistics is { Emitted: 1101, Queued: 0 }, "the hand-over");
        Time.Advance(TimeSpan.FromSeconds(1));
        await other.WaitForEntriesAsync(1, s_ceiling);
        Assert.That(Server.EntryCount, Is.Zero, "the new endpoint is served while the old one hangs");
        Server.Faults.Hang(false);
        await Wait.UntilAsync(() => logging.Statistics.Delivered == 1101, "the old lines");
        Assert.That(Server.EntryCount, Is.EqualTo(1100));
        Ledgers.AssertBalance(logging.Statistics, 1101, 1101);
        Assert.That(Summaries, Is.Empty);
        await EndAsync(logging);
    }

    [Category("Close")]
    [Category("CloseDeadline")]
    [Test]
    public async Task The_drain_of_an_old_endpoint_ends_at_its_deadline_and_counts_the_rest()
    {
        Server.Faults.Hang(true);
        var logging = Logging.With(Target());
        Log(logging, 100);
        var reload = Task.Run(() => logging.Factory.Configuration = With(logging, Target(endpoint: new Uri("http://127.0.0.1:1"))));
        await Wait.UntilAsync(() => logging.Statistics.Requests == 1, "the flush of the reload");
        Time.Advance(TimeSpan.FromSeconds(10));
        await reload.WaitAsync(s_ceiling);
        await HandedOver(logging);
        Time.Advance(TimeSpan.FromSeconds(4.9));
        Ledgers.AssertBalance(logging.Statistics, 100, 0, pending: 100);
        Time.Advance(TimeSpan.FromSeconds(0.1));
        Ledgers.AssertBalance(logging.Statistics, 100, 0, dropped: 100);
        Assert.That(logging.Statistics.CountOf(LokiDropReason.Closed), Is.EqualTo(100));
        Assert.That(Summaries.Single(), Does.Contain("100 entries"));
        await EndAsync(logging);
    }

    private static LokiStatistics SenderStatistics(Logging logging) => logging.Factory.Configuration!.AllTargets.OfType<LokiTarget>().Single().Statistics;
}
