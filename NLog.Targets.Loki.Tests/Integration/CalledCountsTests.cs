using NLog.Targets.Loki.Integration;
using NUnit.Framework;

namespace NLog.Targets.Loki.Tests.Integration;

/// <summary>What is known of a queue that cannot be asked.</summary>
[Category("Ledger")]
public sealed class CalledCountsTests
{
    [Test]
    public void What_is_missing_when_the_queue_is_empty_was_discarded()
    {
        var counts = Called(5);
        counts.Receive(1);
        Assert.That(counts.Read(), Is.EqualTo((5, 0)));
        counts.SettleEmpty();
        counts.SettleEmpty();
        Assert.That(counts.Read(), Is.EqualTo((5, 4)), "once");
    }

    [Test]
    public void What_a_queue_cannot_hold_was_discarded_whatever_it_does()
    {
        var counts = Called(5);
        counts.SettleExcess(3);
        counts.SettleExcess(3);
        Assert.That(counts.Read(), Is.EqualTo((5, 2)), "once");
    }

    [Test]
    public void An_event_that_comes_after_it_was_taken_for_lost_is_a_new_one_so_that_no_counter_falls()
    {
        var counts = Called(3);
        counts.SettleEmpty();
        counts.Receive(1);
        Assert.That(counts.Read(), Is.EqualTo((4, 3)));
    }

    private static CalledCounts Called(int count)
    {
        var counts = new CalledCounts();
        for (var i = 0; i < count; i++)
            counts.Call();
        return counts;
    }
}
