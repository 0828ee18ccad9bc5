using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading.Tasks;
using NLog.Targets.Loki.Tests.Support;
using NUnit.Framework;

namespace NLog.Targets.Loki.Tests.Hostile;

/// <summary>Times of events that are no times, or that come twice.</summary>
[NonParallelizable]
public sealed class TimestampTests : NeighbourTests
{
    private static readonly Dictionary<string, DateTime> s_outside = new()
    {
        ["the first of all"] = DateTime.MinValue,
        ["the first of all, UTC"] = DateTime.SpecifyKind(DateTime.MinValue, DateTimeKind.Utc),
        ["the first of all, local"] = DateTime.SpecifyKind(DateTime.MinValue, DateTimeKind.Local),
        ["the last of all"] = DateTime.MaxValue,
        ["the last of all, UTC"] = DateTime.SpecifyKind(DateTime.MaxValue, DateTimeKind.Utc),
        ["the last of all, local"] = DateTime.SpecifyKind(DateTime.MaxValue, DateTimeKind.Local),
        ["before nanoseconds"] = new DateTime(1677, 12, 31, 0, 0, 0, DateTimeKind.Utc),
        ["SQL's first"] = new DateTime(1753, 1, 1, 0, 0, 0, DateTimeKind.Utc),
        ["before 1970"] = new DateTime(1969, 12, 31, 23, 59, 59, DateTimeKind.Utc),
        ["after nanoseconds"] = new DateTime(2262, 4, 12, 0, 0, 0, DateTimeKind.Utc),
    };

    private static IEnumerable<string> Outside => s_outside.Keys;

    [Category("P12")]
    [Test]
    public async Task A_time_that_Loki_cannot_hold_becomes_the_present([ValueSource(nameof(Outside))] string name)
    {
        using var logging = Logging.To(Server.Url);
        var earliest = Nanoseconds(DateTime.UtcNow);
        var stored = await StoredAsync(logging, logger =>
        {
            for (var i = 0; i < 200; i++)
                logger.Log(At(s_outside[name]));
            return 200;
        });
        Assert.That(stored.Select(entry => entry.TimestampNanoseconds), Is.Unique.And.All.InRange(earliest, Nanoseconds(DateTime.UtcNow.AddSeconds(1))));
    }

    [Category("P12")]
    [Category("H11")]
    [Test]
    public async Task Times_that_Loki_refuses_are_counted_and_their_neighbours_arrive()
    {
        using var logging = Logging.To(Server.Url);
        LogBetweenNeighbours(logging, logger =>
        {
            for (var i = 0; i < 50; i++)
            {
                logger.Log(At(new DateTime(2000, 1, 1, 0, 0, 0, DateTimeKind.Utc)));
                logger.Log(At(new DateTime(2100, 1, 1, 0, 0, 0, DateTimeKind.Utc)));
            }

            return 100;
        });
        await logging.FlushAsync();
        Assert.That(StoredBetweenNeighbours(), Is.Empty);
        Assert.That(Server.PushCount, Is.LessThan(10), "no storm");
        Ledgers.AssertBalance(logging.Statistics, 102, 2, rejected: 100);
    }

    [Test]
    public async Task Equal_lines_around_a_jump_of_the_clock_are_all_stored()
    {
        Server.Limits = Server.Limits with { CreationGracePeriod = TimeSpan.FromDays(400), OutOfOrderWindow = TimeSpan.FromDays(800) };
        using var logging = Logging.To(Server.Url, "defaultMetadata=\"true\"");
        var now = DateTime.UtcNow;
        var stored = await StoredAsync(logging, logger =>
        {
            for (var round = 0; round < 5; round++)
            {
                for (var i = 0; i < 50; i++)
                    logger.Log(At(now));
                for (var i = 0; i < 3; i++)
                    logger.Log(At(now.AddDays(300)));
                for (var i = 0; i < 150; i++)
                    logger.Log(At(now));
                logger.Log(At(now.AddMinutes(-10)));
            }

            return 5 * 204;
        });
        Assert.That(stored, Has.Count.EqualTo(5 * 204));
        Assert.That(Server.DuplicatesRefused, Is.Zero);
    }

    [Category("P12")]
    [Test]
    public async Task The_hour_that_a_change_of_daylight_saving_repeats_is_two_hours()
    {
        Server.Limits = Server.Limits with { RejectOldSamples = false, OutOfOrderWindow = TimeSpan.FromDays(9000) };
        var zone = Environment.GetEnvironmentVariable("TZ");
        Environment.SetEnvironmentVariable("TZ", "Europe/Oslo");
        TimeZoneInfo.ClearCachedData();
        try
        {
            var first = new DateTime(2024, 10, 27, 0, 30, 0, DateTimeKind.Utc);
            var times = Enumerable.Range(0, 8).Select(i => first.AddMinutes(15 * i)).ToList();
            Assume.That(times[0].ToLocalTime().TimeOfDay, Is.EqualTo(times[4].ToLocalTime().TimeOfDay), "the zone has the hour");
            using var logging = Logging.To(Server.Url);
            var stored = await StoredAsync(logging, logger =>
            {
                foreach (var time in times)
                    logger.Log(At(time.ToLocalTime()));
                logger.Log(At(DateTime.SpecifyKind(new DateTime(2024, 7, 1, 12, 0, 0), DateTimeKind.Unspecified)));
                return times.Count + 1;
            });
            Assert.That(stored.Skip(1).Select(entry => entry.TimestampNanoseconds / 100 * 100), Is.EqualTo(times.Select(Nanoseconds)));
            Assert.That(stored[0].TimestampNanoseconds / 100 * 100, Is.EqualTo(Nanoseconds(new DateTime(2024, 7, 1, 10, 0, 0, DateTimeKind.Utc))), "no kind counts as local");
        }
        finally
        {
            Environment.SetEnvironmentVariable("TZ", zone);
            TimeZoneInfo.ClearCachedData();
        }
    }

    [Category("TooOld")]
    [Test]
    public async Task A_label_that_reads_like_a_refusal_does_not_change_the_count([Values("7 errors like: ", "; 7 errors like: ", "total ignored: 7 out of 9", "too large", "label name too long", "\\\"; 3 errors like: ")] string value)
    {
        using var logging = Logging.To(Server.Url, "", $"<label name=\"part\" layout=\"{System.Net.WebUtility.HtmlEncode(value)}\" />");
        LogBetweenNeighbours(logging, logger =>
        {
            logger.Log(At(new DateTime(2000, 1, 1, 0, 0, 0, DateTimeKind.Utc)));
            return 1;
        });
        await logging.FlushAsync();
        Assert.That(StoredBetweenNeighbours(), Is.Empty);
        Assert.That(logging.Statistics.CountOf(LokiDropReason.TooOld), Is.EqualTo(1));
        Ledgers.AssertBalance(logging.Statistics, 3, 2, rejected: 1);
    }

    private static LogEventInfo At(DateTime time) => new(LogLevel.Info, "test", "the same") { TimeStamp = time };

    private static long Nanoseconds(DateTime utc) => (utc - DateTime.UnixEpoch).Ticks * 100;
}
