using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using NLog.Targets.Loki.Rendering;
using NLog.Targets.Loki.Tests.Support;
using NUnit.Framework;

namespace NLog.Targets.Loki.Tests.Rendering;

public sealed class NanosecondClockTests
{
    private const int Process = 4_217;
    private const int Digits = 17;

    private static readonly DateTime s_now = new(2026, 11, 21, 12, 0, 0, DateTimeKind.Utc);

    [Test]
    public void Equal_timestamps_get_neighbouring_ticks_in_order()
    {
        var clock = NewClock();
        var values = Enumerable.Range(0, 10_000).Select(_ => clock.Next(s_now)).ToList();
        Assert.That(values, Is.EqualTo(Enumerable.Range(0, 10_000).Select(i => Nanoseconds(s_now.AddTicks(i)))));
    }

    [Test]
    public void A_timestamp_is_kept_to_the_tick_whatever_was_logged_before()
    {
        var clock = NewClock();
        foreach (var seconds in new[] { 0.9, 0, 0.3, -0.6, 1.9, 1, 1.3, -300, 300 })
            Assert.That(clock.Next(s_now.AddSeconds(seconds)), Is.EqualTo(Nanoseconds(s_now.AddSeconds(seconds))), seconds + " s");
    }

    [Test]
    public void An_old_timestamp_moves_only_off_one_that_was_given_out()
    {
        var clock = NewClock();
        clock.Next(s_now);
        var old = s_now.AddMinutes(-5);
        Assert.That(clock.Next(old), Is.EqualTo(Nanoseconds(old)));
        Assert.That(clock.Next(old), Is.EqualTo(Nanoseconds(old.AddTicks(1))));
        Assert.That(clock.Next(s_now), Is.EqualTo(Nanoseconds(s_now.AddTicks(1))));
    }

    [Test]
    public void Below_the_tick_stands_the_process()
    {
        foreach (var (process, digits) in new[] { (1, 1), (99, 99), (100, 0), (4_194_304, 4) })
            Assert.That(new NanosecondClock(process, TimeProvider.System).Next(s_now) % 100, Is.EqualTo(digits), "process " + process);
        Assert.That(NanosecondClock.Shared.Next(s_now) % 100, Is.EqualTo(Environment.ProcessId % 100));
    }

    [Test]
    public void A_clock_that_stepped_back_is_followed_at_once_and_without_a_repeat()
    {
        var clock = NewClock();
        var given = new HashSet<long>();
        foreach (var time in new[] { s_now, s_now.AddHours(-1), s_now })
        {
            for (var i = 0; i < 500; i++)
                Assert.That(given.Add(clock.Next(time)));
        }

        Assert.That(clock.Next(s_now.AddHours(-1).AddSeconds(1)), Is.EqualTo(Nanoseconds(s_now.AddHours(-1).AddSeconds(1))));
    }

    [Test]
    public void A_past_replayed_again_and_again_between_long_runs_of_the_present_repeats_no_value()
    {
        var clock = NewClock();
        var given = new List<long>();
        var now = s_now;
        for (var round = 0; round < 3; round++)
        {
            for (var i = 0; i < 10_000; i++)
                given.Add(clock.Next(now = now.AddTicks(i % 3)));
            for (var i = 0; i < 300; i++)
            {
                given.Add(clock.Next(s_now.AddHours(-1)));
                if (i % 50 == 0)
                    given.Add(clock.Next(now));
            }
        }

        Assert.That(given, Is.Unique);
    }

    [Test]
    public void Threads_share_no_value_and_each_sees_rising_ones()
    {
        var clock = NewClock();
        var given = Enumerable.Range(0, 4).Select(_ => new long[20_000]).ToList();
        using var start = new Barrier(given.Count);
        var threads = given.Select(values => new Thread(() =>
        {
            start.SignalAndWait();
            for (var i = 0; i < values.Length; i++)
                values[i] = clock.Next(s_now.AddTicks(i / 1000));
        })).ToList();
        threads.ForEach(thread => thread.Start());
        threads.ForEach(thread => thread.Join());
        Assert.That(given, Is.All.Ordered);
        Assert.That(given.SelectMany(values => values).Distinct().Count(), Is.EqualTo(80_000));
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
            var clock = NewClock();
            foreach (var time in new[] { summer, winter, winter.AddSeconds(1), summer.AddSeconds(1) })
                Assert.That(clock.Next(time.ToLocalTime()), Is.EqualTo(Nanoseconds(time)));
            Assert.That(clock.Next(DateTime.SpecifyKind(winter.AddSeconds(2).ToLocalTime(), DateTimeKind.Unspecified)), Is.EqualTo(Nanoseconds(winter.AddSeconds(2))), "no kind counts as local");
        }
        finally
        {
            Environment.SetEnvironmentVariable("TZ", zone);
            TimeZoneInfo.ClearCachedData();
        }
    }

    [Test]
    public void A_time_that_Loki_cannot_hold_becomes_the_present([Values] DateTimeKind kind)
    {
        var clock = new NanosecondClock(Process, new ManualTime(s_now));
        foreach (var outside in new[] { DateTime.MinValue, DateTime.MaxValue, new DateTime(1969, 12, 30), new DateTime(2262, 4, 13) })
            Assert.That(clock.Next(DateTime.SpecifyKind(outside, kind)), Is.InRange(Nanoseconds(s_now), Nanoseconds(s_now.AddTicks(3))), outside + " " + kind);
    }

    [Test]
    public void The_first_and_the_last_times_that_Loki_can_hold_are_kept()
    {
        foreach (var end in new[] { DateTime.UnixEpoch, new DateTime(2262, 4, 11, 23, 47, 15, DateTimeKind.Utc) })
            Assert.That(NewClock().Next(end), Is.EqualTo(Nanoseconds(end)));
    }

    private static NanosecondClock NewClock() => new(Process, TimeProvider.System);

    private static long Nanoseconds(DateTime utc) => ((utc - DateTime.UnixEpoch).Ticks * 100) + Digits;
}
