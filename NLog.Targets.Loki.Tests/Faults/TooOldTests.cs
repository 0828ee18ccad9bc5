using System;
using System.Linq;
using System.Threading.Tasks;
using NLog.Targets.Loki.Testing;
using NLog.Targets.Loki.Tests.Support;
using NUnit.Framework;

namespace NLog.Targets.Loki.Tests.Faults;

/// <summary>An entry that Loki takes no more costs itself and nothing else.</summary>
[Category("MustHold2")]
public sealed class TooOldTests
{
    [TestCase(0)]
    [TestCase(500)]
    [TestCase(999)]
    public async Task One_entry_that_is_too_old_among_a_thousand_costs_none_of_its_neighbours_and_no_time(int place)
    {
        var time = new ManualTime();
        await using var server = await LokiTestServer.StartAsync(new LokiTestServerOptions { Clock = time });
        using var logging = Logging.AtOnce(new LokiTarget(time, () => 0.5, null) { Endpoint = server.Url.ToString(), Diagnostics = LokiDiagnostics.None });
        for (var i = 0; i < 1000; i++)
            logging.Logger().Log(new LogEventInfo(LogLevel.Info, "test", "line " + i) { TimeStamp = time.GetUtcNow().UtcDateTime.AddDays(i == place ? -8 : 0) });
        await time.AdvanceUntilAsync(logging, () => logging.Statistics.Pending == 0, TimeSpan.FromMilliseconds(50), TimeSpan.FromSeconds(10), "the thousand");
        Assert.That(time.Elapsed, Is.LessThan(TimeSpan.FromSeconds(1.2)), "the linger, and no pause");
        Assert.That(logging.Statistics.Requests - 1, Is.LessThanOrEqualTo(21));

        var before = time.Elapsed;
        logging.Logger().Log(new LogEventInfo(LogLevel.Info, "test", "after") { TimeStamp = time.GetUtcNow().UtcDateTime });
        await time.AdvanceUntilAsync(logging, () => logging.Statistics.Pending == 0, TimeSpan.FromMilliseconds(50), TimeSpan.FromSeconds(10), "the line after");
        Assert.That(time.Elapsed - before, Is.LessThan(TimeSpan.FromSeconds(1.2)), "the linger, and no pause");

        Assert.That(server.Entries.Select(entry => entry.Line),
            Is.EquivalentTo(Enumerable.Range(0, 1000).Where(i => i != place).Select(i => "line " + i).Append("after")));
        Assert.That(logging.Statistics.CountOf(LokiDropReason.TooOld), Is.EqualTo(1));
        Ledgers.AssertBalance(logging.Statistics, 1001, 1000, rejected: 1);
    }
}
