using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading.Tasks;
using NLog.Targets.Loki.Testing;
using NLog.Targets.Loki.Tests.Support;
using NUnit.Framework;

namespace NLog.Targets.Loki.Tests.Faults;

/// <summary>Loki answers 204 to a request of several streams of which it refused one: what is counted as delivered must be stored all the same.</summary>
[Category("MustHold3")]
public sealed class StreamLimitTests
{
    private static IEnumerable<string> Orders => Permutations("", "abcd");

    [TestCaseSource(nameof(Orders))]
    public async Task A_stream_past_the_tenants_limit_is_refused_and_counted_as_such_in_whatever_order_they_come(string order)
    {
        var time = new ManualTime();
        await using var server = await LokiTestServer.StartAsync(new LokiTestServerOptions
        {
            Clock = time,
            Limits = new LokiLimits { MaxGlobalStreamsPerUser = 3 },
        });
        var target = new LokiTarget(time, () => 0.5, null) { Endpoint = server.Url.ToString(), Diagnostics = LokiDiagnostics.None };
        target.Labels.Add(new LokiLabel { Name = "part", Layout = "${message}" });
        using var logging = Logging.AtOnce(target);
        for (var i = 0; i < 3; i++)
        {
            foreach (var part in order)
                logging.Logger().Log(new LogEventInfo(LogLevel.Info, "test", part.ToString()) { TimeStamp = time.GetUtcNow().UtcDateTime });
        }

        await time.AdvanceUntilAsync(logging, () => logging.Statistics.Delivered == 9, TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(10), "three streams");
        Assert.That(server.EntryCount, Is.EqualTo(9), "loki-sent is what the server holds");
        Ledgers.AssertBalance(logging.Statistics, 12, 9, pending: 3);
        await time.AdvanceUntilAsync(logging, () => logging.Statistics.Pending == 0, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(20), "the end of the fourth");
        Assert.That(time.Elapsed, Is.GreaterThan(TimeSpan.FromMinutes(10)), "streams end, so it waits a while");
        Assert.That(server.EntryCount, Is.EqualTo(9));
        Assert.That(server.Entries.GroupBy(entry => entry.Line).Select(stream => stream.Count()), Is.EqualTo(new[] { 3, 3, 3 }));
        Assert.That(logging.Statistics.CountOf(LokiDropReason.StreamLimit), Is.EqualTo(3));
        Ledgers.AssertBalance(logging.Statistics, 12, 9, rejected: 3);
    }

    private static IEnumerable<string> Permutations(string begun, string rest) =>
        rest.Length == 0 ? [begun] : rest.SelectMany(next => Permutations(begun + next, rest.Replace(next.ToString(), "", StringComparison.Ordinal)));
}
