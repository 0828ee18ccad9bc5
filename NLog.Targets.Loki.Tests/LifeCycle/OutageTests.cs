using System;
using System.Globalization;
using System.Linq;
using System.Threading.Tasks;
using NLog.Targets.Loki.Testing;
using NLog.Targets.Loki.Tests.Support;
using NUnit.Framework;

namespace NLog.Targets.Loki.Tests.LifeCycle;

/// <summary>How long entries wait: as long as there is room, unless a setting or Loki's limit of streams ends it.</summary>
public sealed class OutageTests : LifeCycleScene
{
    [Category("OutageHours")]
    [Test]
    public async Task Three_hours_without_Loki_lose_nothing_that_fits_into_the_buffer_and_keep_its_order()
    {
        Server.Faults.Respond(LokiFaults.Always, 503);
        var logging = Logging.With(Target());
        var logged = 0;
        for (var minute = 0; minute < 180; minute += 10)
        {
            for (var i = 0; i < 100; i++)
                logging.Logger().Log(new LogEventInfo(LogLevel.Info, "test", CultureInfo.InvariantCulture, "line {number}", [logged++]) { TimeStamp = Time.GetUtcNow().UtcDateTime });
            await Time.AdvanceAsync(logging, TimeSpan.FromMinutes(10), TimeSpan.FromSeconds(30));
        }

        Ledgers.AssertBalance(logging.Statistics, logged, 0, pending: logged);
        TestContext.Out.WriteLine(logging.Statistics);
        Server.Faults.Clear();
        await Time.AdvanceUntilAsync(logging, () => logging.Statistics.Pending == 0, TimeSpan.FromSeconds(5), TimeSpan.FromMinutes(5), "the backlog");
        Ledgers.AssertBalance(logging.Statistics, logged, logged);
        Assert.That(Server.Entries.Select(entry => int.Parse(entry.Metadata["number"], CultureInfo.InvariantCulture)), Is.EqualTo(Enumerable.Range(0, logged)));
        await EndAsync(logging);
    }

    [Category("StreamLimit")]
    [Test]
    public async Task A_stream_past_Lokis_limit_waits_ten_minutes_and_is_then_counted()
    {
        Server.Faults.Add(
            new LokiFault { Status = 429, Body = "maximum active stream limit exceeded, reduce the number of active streams" },
            LokiFaults.Always, push => push.Streams.Any(labels => labels["level"] == "warn"));
        var logging = Logging.With(Target());
        Log(logging, 10, LogLevel.Warn);
        Log(logging, 10);
        await Time.AdvanceUntilAsync(logging, () => logging.Statistics.Delivered == 10, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(5), "the other stream");
        await Time.AdvanceAsync(logging, TimeSpan.FromMinutes(9), TimeSpan.FromSeconds(5));
        Ledgers.AssertBalance(logging.Statistics, 20, 10, pending: 10);
        await Time.AdvanceUntilAsync(logging, () => logging.Statistics.Pending == 0, TimeSpan.FromSeconds(5), TimeSpan.FromMinutes(3), "the end of patience");
        Ledgers.AssertBalance(logging.Statistics, 20, 10, rejected: 10);
        Assert.That(logging.Statistics.CountOf(LokiDropReason.StreamLimit), Is.EqualTo(10));
        await EndAsync(logging);
    }

    [Category("Expired")]
    [Test]
    public async Task With_a_retryCount_what_was_repeated_so_often_is_counted_as_expired()
    {
        Server.Faults.Respond(3, 503);
        var target = Target();
        target.RetryCount = 2;
        var logging = Logging.With(target);
        Log(logging, 10);
        await Time.AdvanceUntilAsync(logging, () => logging.Statistics.Pending == 0, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(3), "the end of the repeats");
        Assert.That(Server.PushCount, Is.EqualTo(3));
        Ledgers.AssertBalance(logging.Statistics, 10, 0, dropped: 10);
        Assert.That(logging.Statistics.CountOf(LokiDropReason.Expired), Is.EqualTo(10));
        await EndAsync(logging);
    }
}
