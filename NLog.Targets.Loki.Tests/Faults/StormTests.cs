using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading.Tasks;
using NLog.Targets.Loki.Testing;
using NLog.Targets.Loki.Tests.Support;
using NUnit.Framework;

namespace NLog.Targets.Loki.Tests.Faults;

/// <summary>A server that asks for less gets less, and is not run over when it is well again.</summary>
[Category("MustHold5")]
public sealed class StormTests
{
    private const int EventsPerSecond = 1000;

    [TestCase(429)]
    [TestCase(503)]
    public async Task Ten_minutes_of_refusals_at_a_thousand_events_a_second_are_few_requests_and_end_without_a_burst(int status)
    {
        var time = new ManualTime();
        await using var server = await LokiTestServer.StartAsync(new LokiTestServerOptions { Clock = time, Limits = new LokiLimits().WithoutRates() });
        using var logging = Logging.AtOnce(new LokiTarget(time, new Random(1).NextDouble, null)
        {
            Endpoint = server.Url.ToString(),
            Diagnostics = LokiDiagnostics.None,
            BufferLimitBytes = 268_435_456,
        });
        var logged = 0;
        async Task SecondAsync()
        {
            for (var end = logged + EventsPerSecond; logged < end; logged++)
                logging.Logger().Log(new LogEventInfo(LogLevel.Info, "test", "an ordinary line, number " + logged) { TimeStamp = time.GetUtcNow().UtcDateTime });
            await time.AdvanceAsync(logging, TimeSpan.FromSeconds(1), TimeSpan.FromMilliseconds(250));
        }

        server.Faults.Respond(LokiFaults.Always, status);
        for (var second = 0; second < 600; second++)
            await SecondAsync();
        TestContext.Out.WriteLine($"{logging.Statistics.Requests} requests, {logging.Statistics}");
        Assert.That(logging.Statistics.Requests, Is.LessThanOrEqualTo(25));
        Assert.That(server.EntryCount, Is.Zero);

        server.Faults.Clear();
        var perSecond = new List<long>();
        while (logging.Statistics.Pending > 2 * EventsPerSecond)
        {
            Assert.That(perSecond, Has.Count.LessThan(300), "recovers: " + logging.Statistics);
            var before = logging.Statistics.Requests;
            await SecondAsync();
            perSecond.Add(logging.Statistics.Requests - before);
        }

        await time.AdvanceUntilAsync(logging, () => logging.Statistics.Pending == 0, TimeSpan.FromMilliseconds(250), TimeSpan.FromMinutes(1), "the rest");
        TestContext.Out.WriteLine("requests in each second afterwards: " + string.Join(' ', perSecond));
        Assert.That(server.EntryCount, Is.EqualTo(logged));
        Assert.That(server.Entries.Select(entry => entry.Line), Is.EqualTo(Enumerable.Range(0, logged).Select(i => "an ordinary line, number " + i)), "in order");
        // The server answers at once by this clock. A stream has one request under way, so the backlog costs its full batches and no more.
        Assert.That(perSecond.Max(), Is.LessThan((logged / 9000) + 10), "requests in the second of the recovery");
        Assert.That(server.Pushes.Count(push => push.Status == 204), Is.LessThan((logged / 9000) + 40), "the backlog goes in full batches");
        Ledgers.AssertBalance(logging.Statistics, logged, logged);
    }
}
