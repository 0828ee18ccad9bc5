using NLog.Targets.Loki.Integration;
using NLog.Targets.Wrappers;
using NUnit.Framework;

namespace NLog.Targets.Loki.Tests.Integration;

/// <summary>How counters that move on other threads become one number that is never above the truth.</summary>
[Category("Ledger")]
public sealed class ObservedCountsTests
{
    private int _length;

    [Test]
    public void What_is_in_the_queue_came_out_of_it_or_was_discarded_has_entered_it()
    {
        var counts = Attached();
        _length = 3;
        counts.Receive(2);
        counts.Discarded(null, Dropped(LogLevel.Info));
        Assert.That(counts.Read(), Is.EqualTo((6, 1)));
    }

    [Test]
    public void A_marker_of_a_flush_is_no_event()
    {
        var counts = Attached();
        counts.MarkerEnters();
        Assert.That(counts.Read(), Is.EqualTo((0, 0)), "before it is in the queue");
        _length = 1;
        Assert.That((counts.Read(), counts.HasWaiting()), Is.EqualTo(((0L, 0L), false)), "in the queue");
        _length = 0;
        Assert.That(counts.Read(), Is.EqualTo((0, 0)), "after it has left it");
        counts.MarkerGone();
        _length = 1;
        Assert.That((counts.Read(), counts.HasWaiting()), Is.EqualTo(((1L, 0L), true)));
    }

    [Test]
    public void A_marker_that_the_queue_discards_is_no_loss()
    {
        var counts = Attached();
        counts.MarkerEnters();
        counts.Discarded(null, Dropped(LogLevel.Off));
        _length = 1;
        Assert.That(counts.Read(), Is.EqualTo((1, 0)));
    }

    [Test]
    public void A_queue_that_belongs_to_another_run_is_not_read()
    {
        var counts = Attached();
        counts.Receive(1);
        _length = 5;
        counts.Attach(null);
        Assert.That((counts.Read(), counts.HasWaiting()), Is.EqualTo(((1L, 0L), false)));
    }

    private static LogEventDroppedEventArgs Dropped(LogLevel level) => new(new LogEventInfo(level, null, "dropped"));

    private ObservedCounts Attached()
    {
        var counts = new ObservedCounts();
        counts.Attach(() => _length);
        return counts;
    }
}
