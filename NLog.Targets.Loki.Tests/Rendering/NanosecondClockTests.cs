using System;
using System.Collections.Generic;
using System.Linq;
using NLog.Targets.Loki.Rendering;
using NUnit.Framework;

namespace NLog.Targets.Loki.Tests.Rendering;

public sealed class NanosecondClockTests
{
    private static readonly DateTime s_now = new(2026, 11, 21, 12, 0, 0, DateTimeKind.Utc);

    [Test]
    public void Equal_timestamps_get_values_of_their_own_in_order()
    {
        var clock = new NanosecondClock(TimeProvider.System);
        var values = Enumerable.Range(0, 10_000).Select(_ => clock.Next(s_now)).ToList();
        Assert.That(values, Is.Ordered.And.Unique);
        Assert.That(values[^1] - values[0], Is.EqualTo(9_999));
    }

    [Test]
    public void An_old_timestamp_is_kept_and_moved_only_off_one_that_was_given_out()
    {
        var clock = new NanosecondClock(TimeProvider.System);
        clock.Next(s_now);
        var old = clock.Next(s_now.AddMinutes(-5));
        Assert.That(old, Is.EqualTo((s_now.AddMinutes(-5) - DateTime.UnixEpoch).Ticks * 100));
        Assert.That(clock.Next(s_now.AddMinutes(-5)), Is.EqualTo(old + 1));
        Assert.That(clock.Next(s_now.AddMilliseconds(1)), Is.EqualTo((s_now.AddMilliseconds(1) - DateTime.UnixEpoch).Ticks * 100));
    }

    [Test]
    public void A_clock_that_stepped_back_is_followed_after_a_hundred_events_without_a_repeat()
    {
        var clock = new NanosecondClock(TimeProvider.System);
        clock.Next(s_now);
        var back = s_now.AddHours(-1);
        var values = new HashSet<long>(Enumerable.Range(0, 500).Select(_ => clock.Next(back)));
        Assert.That(values, Has.Count.EqualTo(500));
        Assert.That(clock.Next(back.AddSeconds(1)), Is.EqualTo((back.AddSeconds(1) - DateTime.UnixEpoch).Ticks * 100));
    }

    [Test]
    public void A_past_replayed_again_and_again_after_long_runs_of_the_present_repeats_no_value()
    {
        var clock = new NanosecondClock(TimeProvider.System);
        var given = new List<long>();
        var now = s_now;
        for (var round = 0; round < 3; round++)
        {
            for (var i = 0; i < 10_000; i++)
                given.Add(clock.Next(now = now.AddTicks(i % 3)));
            // Fewer than make the clock follow, and in between the present goes on.
            for (var i = 0; i < 300; i++)
            {
                given.Add(clock.Next(s_now.AddHours(-1)));
                if (i % 50 == 0)
                    given.Add(clock.Next(now));
            }
        }

        Assert.That(given.Distinct().Count(), Is.EqualTo(given.Count));
    }

    [Test]
    public void A_clock_that_jumps_ahead_and_back_repeats_no_value()
    {
        var clock = new NanosecondClock(TimeProvider.System);
        var given = new List<long>();
        for (var round = 0; round < 4; round++)
        {
            for (var i = 0; i < 1000; i++)
                given.Add(clock.Next(s_now));
            for (var i = 0; i < 200; i++)
                given.Add(clock.Next(s_now.AddDays(1)));
        }

        Assert.That(given.Distinct().Count(), Is.EqualTo(given.Count));
    }

    [Test]
    [NonParallelizable]
    public void The_two_times_of_the_hour_that_is_repeated_in_autumn_stay_apart()
    {
        var zone = Environment.GetEnvironmentVariable("TZ");
        try
        {
            Environment.SetEnvironmentVariable("TZ", "Europe/Berlin");
            TimeZoneInfo.ClearCachedData();
            var summer = new DateTime(2026, 10, 25, 0, 30, 0, DateTimeKind.Utc);
            var winter = summer.AddHours(1);
            Assume.That(summer.ToLocalTime().Ticks, Is.EqualTo(winter.ToLocalTime().Ticks), "the zone is known here");
            var clock = new NanosecondClock(TimeProvider.System);
            foreach (var time in new[] { summer, winter, winter.AddSeconds(1) })
                Assert.That(clock.Next(time.ToLocalTime()), Is.EqualTo((time - DateTime.UnixEpoch).Ticks * 100));
            // An hour back again, which is old and kept.
            Assert.That(clock.Next(summer.AddSeconds(1).ToLocalTime()), Is.EqualTo((summer.AddSeconds(1) - DateTime.UnixEpoch).Ticks * 100));
            Assert.That(clock.Next(DateTime.SpecifyKind(winter.AddSeconds(2).ToLocalTime(), DateTimeKind.Unspecified)), Is.EqualTo((winter.AddSeconds(2) - DateTime.UnixEpoch).Ticks * 100));
        }
        finally
        {
            Environment.SetEnvironmentVariable("TZ", zone);
            TimeZoneInfo.ClearCachedData();
        }
    }

    [TestCase(DateTimeKind.Utc)]
    [TestCase(DateTimeKind.Local)]
    [TestCase(DateTimeKind.Unspecified)]
    public void The_ends_of_time_stay_within_what_Loki_can_read(DateTimeKind kind)
    {
        Assert.That(new NanosecondClock(TimeProvider.System).Next(DateTime.SpecifyKind(DateTime.MinValue, kind)), Is.GreaterThanOrEqualTo(0));
        Assert.That(new NanosecondClock(TimeProvider.System).Next(DateTime.SpecifyKind(DateTime.MaxValue, kind)), Is.Positive);
    }
}
