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

    [TestCase(DateTimeKind.Utc)]
    [TestCase(DateTimeKind.Local)]
    [TestCase(DateTimeKind.Unspecified)]
    public void The_ends_of_time_stay_within_what_Loki_can_read(DateTimeKind kind)
    {
        Assert.That(new NanosecondClock(TimeProvider.System).Next(DateTime.SpecifyKind(DateTime.MinValue, kind)), Is.GreaterThanOrEqualTo(0));
        Assert.That(new NanosecondClock(TimeProvider.System).Next(DateTime.SpecifyKind(DateTime.MaxValue, kind)), Is.Positive);
    }
}
