using System;
using NLog.Targets.Loki.Diagnostics;
using NLog.Targets.Loki.Tests.Support;
using NUnit.Framework;

namespace NLog.Targets.Loki.Tests.Diagnostics;

/// <summary>The order in which threads count, queue, discard and close cannot be staged from outside: here each is told to the ledger.</summary>
[Category("Ledger")]
public sealed class LedgerTests
{
    [Test]
    public void What_an_empty_queue_never_handed_over_was_discarded()
    {
        var (ledger, arrivals) = Emitted(5);
        ledger.Accept(arrivals, 1);
        Assert.That(ledger.SettleEmptyQueue(arrivals), Is.EqualTo(4));
        Assert.That(ledger.SettleEmptyQueue(arrivals), Is.Zero, "once");
        AssertCounts(ledger, emitted: 5, queueFull: 4, pending: 1);
    }

    [Test]
    public void What_a_queue_cannot_hold_was_discarded_whatever_it_does()
    {
        var (ledger, arrivals) = Emitted(5);
        Assert.That(ledger.SettleExcess(arrivals, 3), Is.EqualTo(2));
        Assert.That(ledger.SettleExcess(arrivals, 3), Is.Zero, "once");
        AssertCounts(ledger, emitted: 5, queueFull: 2, pending: 3);
    }

    [TestCase(LokiDropReason.QueueFull)]
    [TestCase(LokiDropReason.Closed)]
    public void An_event_that_comes_after_it_was_taken_for_lost_was_not_lost(LokiDropReason reason)
    {
        var (ledger, arrivals) = Emitted(3);
        TakeForLost(ledger, arrivals, reason);
        ledger.Accept(arrivals, 1);
        AssertCounts(ledger, emitted: 3, queueFull: reason == LokiDropReason.QueueFull ? 2 : 0, closed: reason == LokiDropReason.Closed ? 2 : 0, pending: 1);
        Assert.That(ledger.Snapshot().Buffered, Is.EqualTo(1));
        ledger.Accept(arrivals, 1);
        ledger.Accept(arrivals, 1);
        AssertCounts(ledger, emitted: 3, pending: 3);
    }

    [TestCase(LokiDropReason.QueueFull)]
    [TestCase(LokiDropReason.Closed)]
    public void Only_what_was_taken_for_lost_comes_back_and_the_next_event_is_a_new_one(LokiDropReason reason)
    {
        var (ledger, arrivals) = Emitted(1);
        TakeForLost(ledger, arrivals, reason);
        ledger.Accept(arrivals, 1);
        ledger.Accept(arrivals, 1);
        AssertCounts(ledger, emitted: 2, pending: 2);
        Assert.That(ledger.Snapshot().CountOf(reason), Is.Zero);
    }

    [Test]
    public void Events_taken_for_lost_come_back_from_the_close_first_and_then_from_the_queue()
    {
        var (ledger, arrivals) = Emitted(3);
        ledger.SettleExcess(arrivals, 2);
        TakeForLost(ledger, arrivals, LokiDropReason.Closed);
        AssertCounts(ledger, emitted: 3, queueFull: 1, closed: 2);
        ledger.Lose(arrivals, LokiDropReason.RenderError, 1);
        Assert.That(ledger.Snapshot().CountOf(LokiDropReason.Closed), Is.EqualTo(1));
        ledger.Lose(arrivals, LokiDropReason.RenderError, 2);
        var end = ledger.Snapshot();
        Assert.That(end.CountOf(LokiDropReason.RenderError), Is.EqualTo(3));
        Assert.That(end.CountOf(LokiDropReason.QueueFull) + end.CountOf(LokiDropReason.Closed), Is.Zero);
        Ledgers.AssertBalance(end, 3, 0, dropped: 3);
    }

    [Test]
    public void Events_that_come_together_are_counted_one_by_one()
    {
        var (ledger, arrivals) = Emitted(5);
        ledger.SettleExcess(arrivals, 3);
        ledger.Accept(arrivals, 4);
        AssertCounts(ledger, emitted: 5, queueFull: 1, pending: 4);
        Assert.That(ledger.Snapshot().Buffered, Is.EqualTo(4));
        ledger.Accept(arrivals, 3);
        AssertCounts(ledger, emitted: 7, pending: 7);
    }

    [Test]
    public void An_event_that_nobody_counted_arrives_when_it_is_handed_over()
    {
        var (ledger, arrivals) = Emitted(1);
        ledger.Accept(arrivals, 1);
        ledger.Accept(arrivals, 1);
        AssertCounts(ledger, emitted: 2, pending: 2);
        Assert.That(ledger.Snapshot().Buffered, Is.EqualTo(2));
    }

    [Test]
    public void What_is_counted_for_an_instance_that_is_closed_and_settled_is_closed()
    {
        var (ledger, arrivals) = Emitted(1);
        ledger.Accept(arrivals, 1);
        ledger.Fold(arrivals);
        arrivals.Count();
        AssertCounts(ledger, emitted: 2, closed: 1, pending: 1);
        AssertCounts(ledger, emitted: 2, closed: 1, pending: 1);
    }

    [Test]
    public void Instances_of_one_name_are_counted_together_and_settled_apart()
    {
        var (ledger, first) = Emitted(2);
        var second = ledger.Open();
        second.Count();
        TakeForLost(ledger, first, LokiDropReason.Closed);
        AssertCounts(ledger, emitted: 3, closed: 2, pending: 1);
    }

    [Test]
    public void Places_traffic_and_rewriting_are_counted_each_for_itself()
    {
        var (ledger, arrivals) = Emitted(4);
        for (var i = 0; i < 4; i++)
            ledger.Accept(arrivals, 1);
        ledger.Move(Place.Buffered, Place.InFlight, 3);
        ledger.Deliver(1);
        ledger.Move(Place.InFlight, Place.Retrying, 2);
        ledger.RetryingBatches(2);
        ledger.RetryingBatches(-1);
        ledger.Lose(Place.Retrying, LokiDropReason.Poison, 1);
        ledger.Request(resent: false, 100);
        ledger.Request(resent: true, 20);
        ledger.Answer(error: true, TimeSpan.FromSeconds(1));
        ledger.Answer(error: false, TimeSpan.FromSeconds(2));
        ledger.Rewritten(1, 2, 3);
        ledger.Breaker(true);
        ledger.Breaker(true);
        var statistics = ledger.Snapshot();
        Ledgers.AssertBalance(statistics, 4, 1, rejected: 1, pending: 2);
        Assert.Multiple(() =>
        {
            Assert.That((statistics.Buffered, statistics.InFlight, statistics.Retrying), Is.EqualTo((1, 0, 1)));
            Assert.That((statistics.RetryingBatches, statistics.Requests, statistics.Resent, statistics.BytesSent), Is.EqualTo((1, 2, 1, 120)));
            Assert.That((statistics.Errors, statistics.LastLatency), Is.EqualTo((1, TimeSpan.FromSeconds(2))));
            Assert.That((statistics.LinesTruncated, statistics.LabelsCut, statistics.MetadataCut), Is.EqualTo((1, 2, 3)));
            Assert.That((statistics.CircuitBreakerOpen, statistics.CircuitBreakerTrips), Is.EqualTo((true, 1)));
        });
        ledger.Breaker(false);
        Assert.That(ledger.Snapshot().CircuitBreakerOpen, Is.False);
    }

    private static void TakeForLost(Ledger ledger, Arrivals arrivals, LokiDropReason reason)
    {
        if (reason == LokiDropReason.QueueFull)
        {
            ledger.SettleEmptyQueue(arrivals);
            return;
        }

        ledger.Fold(arrivals);
        ledger.Snapshot();
    }

    private static (Ledger Ledger, Arrivals Arrivals) Emitted(int count)
    {
        var ledger = new Ledger();
        var arrivals = ledger.Open();
        for (var i = 0; i < count; i++)
            arrivals.Count();
        return (ledger, arrivals);
    }

    private static void AssertCounts(Ledger ledger, long emitted, long queueFull = 0, long closed = 0, long pending = 0)
    {
        var statistics = ledger.Snapshot();
        Assert.That(statistics.CountOf(LokiDropReason.QueueFull), Is.EqualTo(queueFull), statistics.ToString());
        Assert.That(statistics.CountOf(LokiDropReason.Closed), Is.EqualTo(closed), statistics.ToString());
        Ledgers.AssertBalance(statistics, emitted, 0, dropped: queueFull + closed, pending: pending);
    }
}
