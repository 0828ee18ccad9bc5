using System;
using System.Linq;
using System.Net.Http;
using System.Threading;
using System.Threading.Tasks;
using NLog.Targets.Loki.Testing;
using NLog.Targets.Loki.Tests.Support;
using NUnit.Framework;

namespace NLog.Targets.Loki.Tests.Faults;

/// <summary>Loki refuses what is an hour behind the newest entry of its stream: after a longer outage the order of sending decides what is lost.</summary>
public sealed class OutageTests
{
    private static readonly TimeSpan s_outage = TimeSpan.FromHours(3);

    [Test]
    [Category("Order")]
    public async Task Three_hours_without_Loki_lose_nothing_and_the_backlog_goes_before_live_lines()
    {
        var time = new ManualTime();
        await using var server = await LokiTestServer.StartAsync(new LokiTestServerOptions { Clock = time });
        using var logging = Logging.AtOnce(Target(server, time, "a", null));
        var logged = 0;
        Log(logging, time, ref logged);
        await time.AdvanceUntilAsync(logging, () => logging.Statistics.Pending == 0, TimeSpan.FromMilliseconds(250), TimeSpan.FromMinutes(1), "the first lines");
        server.Stop();
        await OutageAsync(time, logging, () => Log(logging, time, ref logged));
        server.Restart();
        while (logging.Statistics.Pending > 100)
        {
            Log(logging, time, ref logged);
            await time.AdvanceAsync(logging, TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(1));
        }

        await time.AdvanceUntilAsync(logging, () => logging.Statistics.Pending == 0, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(5), "the rest");
        TestContext.Out.WriteLine(logging.Statistics);
        Assert.That(server.Discarded, Is.Empty);
        // One stream with a window of an hour: had a live line gone first, the backlog before it would have been refused.
        Assert.That(server.Entries.Select(entry => int.Parse(entry.Metadata["number"])), Is.EqualTo(Enumerable.Range(0, logged)));
        Ledgers.AssertBalance(logging.Statistics, logged, logged);
    }

    [TestCase(true, true)]
    [TestCase(false, false)]
    [Category("MustHold6")]
    public async Task Of_two_instances_the_first_to_recover_does_not_cost_the_other_its_backlog(bool ownInstance, bool isKept)
    {
        var time = new ManualTime();
        await using var server = await LokiTestServer.StartAsync(new LokiTestServerOptions { Clock = time });
        using var gateA = new Outage();
        using var gateB = new Outage();
        using var first = Logging.AtOnce(Target(server, time, ownInstance ? "a" : "one", gateA));
        using var second = Logging.AtOnce(Target(server, time, ownInstance ? "b" : "one", gateB));
        int loggedA = 0, loggedB = 0;
        void LogBoth()
        {
            Log(first, time, ref loggedA);
            Log(second, time, ref loggedB, "b");
        }

        gateA.IsOn = gateB.IsOn = true;
        await OutageAsync(time, first, LogBoth, second);
        gateA.IsOn = false;
        await AdvanceBothAsync(time, first, second, TimeSpan.FromMinutes(1));
        Assert.That(first.Statistics.Delivered, Is.EqualTo(loggedA), "the first has recovered");
        Assert.That(second.Statistics.Delivered, Is.Zero);
        gateB.IsOn = false;
        await AdvanceBothAsync(time, first, second, TimeSpan.FromMinutes(2));

        TestContext.Out.WriteLine($"{first.Statistics}\n{second.Statistics}");
        Ledgers.AssertBalance(first.Statistics, loggedA, loggedA);
        Assert.That(server.EntryCount, Is.EqualTo(first.Statistics.Delivered + second.Statistics.Delivered));
        if (isKept)
        {
            Assert.That(server.Discarded, Is.Empty, "0 refused as too far behind");
            Ledgers.AssertBalance(second.Statistics, loggedB, loggedB);
            return;
        }

        // Why the default labels have an instance: without it, this is what happens, and it is counted.
        Assert.That(second.Statistics.CountOf(LokiDropReason.TooOld), Is.GreaterThan(loggedB / 2));
        Ledgers.AssertBalance(second.Statistics, loggedB, loggedB - second.Statistics.Rejected, rejected: second.Statistics.CountOf(LokiDropReason.TooOld));
    }

    private static LokiTarget Target(LokiTestServer server, ManualTime time, string instance, HttpMessageHandler? handler)
    {
        var target = new LokiTarget(time, () => 0.5, handler) { Endpoint = server.Url.ToString(), Diagnostics = LokiDiagnostics.None, BatchSize = 50 };
        target.Labels.Add(new LokiLabel { Name = "service_name", Layout = "shop" });
        target.Labels.Add(new LokiLabel { Name = "instance", Layout = instance });
        return target;
    }

    private static void Log(Logging logging, ManualTime time, ref int logged, string of = "a")
    {
        var logEvent = new LogEventInfo(LogLevel.Info, "test", "line of " + of) { TimeStamp = time.GetUtcNow().UtcDateTime };
        logEvent.Properties["number"] = logged++;
        logging.Logger().Log(logEvent);
    }

    private static async Task OutageAsync(ManualTime time, Logging logging, Action log, Logging? other = null)
    {
        for (var end = time.Elapsed + s_outage; time.Elapsed < end;)
        {
            log();
            await time.AdvanceAsync(logging, TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(10));
            if (other is not null)
                await Wait.UntilAsync(other.IsIdle, "quiet", tickMilliseconds: 1);
        }
    }

    private static async Task AdvanceBothAsync(ManualTime time, Logging first, Logging second, TimeSpan by)
    {
        for (var end = time.Elapsed + by; time.Elapsed < end; time.Advance(TimeSpan.FromSeconds(1)))
            await Wait.UntilAsync(() => first.IsIdle() && second.IsIdle(), "quiet", tickMilliseconds: 1);
        await Wait.UntilAsync(() => first.IsIdle() && second.IsIdle(), "quiet", tickMilliseconds: 1);
    }

    /// <summary>Whether one of two instances reaches the server.</summary>
    private sealed class Outage() : DelegatingHandler(new SocketsHttpHandler())
    {
        public bool IsOn { get; set; }

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            IsOn ? Task.FromException<HttpResponseMessage>(new HttpRequestException("down")) : base.SendAsync(request, cancellationToken);
    }
}
