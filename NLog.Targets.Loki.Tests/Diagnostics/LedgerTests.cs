using System;
using NLog.Targets.Loki.Diagnostics;
using NLog.Targets.Loki.Tests.Support;
using NUnit.Framework;

namespace NLog.Targets.Loki.Tests.Diagnostics;

/// <summary>The order in which threads queue, discard, hand over and close cannot be staged from outside: here each is told to the ledger.</summary>
[Category("Ledger")]
public sealed class LedgerTests
{
    [Test]
    public void What_the_queue_discarded_is_counted_at_once_and_once()
    {
        var (ledger, arrivals, counts) = Emitted(5);
        ledger.Accept(arrivals, 1);
        counts.Discarded = 3;
        AssertCounts(ledger, emitted: 5, queueFull: 3, pending: 2);
        AssertCounts(ledger, emitted: 5, queueFull: 3, pending: 2);
    }

    [Test]
    public void An_event_that_is_seen_nowhere_while_it_moves_is_still_queued()
    {
        var (ledger, arrivals, counts) = Emitted(5);
        AssertCounts(ledger, emitted: 5, pending: 5);
        counts.Entered = 3;
        AssertCounts(ledger, emitted: 5, pending: 5);
        counts.Entered = 5;
        ledger.Accept(arrivals, 5);
        AssertCounts(ledger, emitted: 5, pending: 5);
        Assert.That(ledger.Snapshot().Buffered, Is.EqualTo(5));
    }

    [Test]
    public void An_event_that_the_queue_did_not_tell_of_arrives_when_it_is_handed_over()
    {
        var (ledger, arrivals, _) = Emitted(0);
        ledger.Accept(arrivals, 2);
        ledger.Lose(arrivals, LokiDropReason.RenderError, 1);
        Ledgers.AssertBalance(ledger.Snapshot(), 3, 0, dropped: 1, pending: 2);
    }

    [Test]
    public void An_event_that_passes_no_queue_is_counted_where_it_ends()
    {
        var ledger = new Ledger();
        ledger.Accept(ledger.Direct, 1);
        ledger.Lose(ledger.Direct, LokiDropReason.Misconfigured, 1);
        Ledgers.AssertBalance(ledger.Snapshot(), 2, 0, dropped: 1, pending: 1);
    }

    [Test]
    public void What_a_closed_run_still_had_in_its_queue_is_closed()
    {
        var (ledger, arrivals, counts) = Emitted(5);
        ledger.Accept(arrivals, 1);
        counts.Discarded = 1;
        ledger.Close(arrivals);
        AssertCounts(ledger, emitted: 5, queueFull: 1, closed: 3, pending: 1);
        ledger.Close(arrivals);
        AssertCounts(ledger, emitted: 5, queueFull: 1, closed: 3, pending: 1);
    }

    [Test]
    public void An_event_that_comes_to_the_queue_of_a_closed_run_is_closed()
    {
        var (ledger, arrivals, counts) = Emitted(1);
        ledger.Accept(arrivals, 1);
        ledger.Close(arrivals);
        counts.Entered++;
        AssertCounts(ledger, emitted: 2, closed: 1, pending: 1);
        AssertCounts(ledger, emitted: 2, closed: 1, pending: 1);
        GC.KeepAlive(arrivals);
    }

    [Test]
    public void Runs_of_one_name_are_counted_together_and_closed_apart()
    {
        var (ledger, first, _) = Emitted(2);
        ledger.Open(new TestCounts { Entered = 1 });
        ledger.Close(first);
        AssertCounts(ledger, emitted: 3, closed: 2, pending: 1);
    }

    [Test]
    public void Places_traffic_and_rewriting_are_counted_each_for_itself()
    {
        var (ledger, arrivals, _) = Emitted(4);
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
        ledger.Breaker(this, true);
        ledger.Breaker(this, true);
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
        ledger.Breaker(this, false);
        Assert.That(ledger.Snapshot().CircuitBreakerOpen, Is.False);
    }

    [Test]
    public void The_breaker_of_a_destination_that_is_left_says_nothing_of_the_new_one()
    {
        var (ledger, old, other) = (new Ledger(), new object(), new object());
        ledger.Breaker(old, true);
        ledger.Breaker(other, false);
        Assert.That(ledger.Snapshot().CircuitBreakerOpen, "the old one is still open");
        ledger.Breaker(other, true);
        ledger.Breaker(old, false);
        Assert.That(ledger.Snapshot(), Has.Property("CircuitBreakerOpen").True.And.Property("CircuitBreakerTrips").EqualTo(2));
        ledger.Breaker(other, false);
        Assert.That(ledger.Snapshot().CircuitBreakerOpen, Is.False);
    }

    private static (Ledger Ledger, Arrivals Arrivals, TestCounts Counts) Emitted(int count)
    {
        var ledger = new Ledger();
        var counts = new TestCounts { Entered = count };
        return (ledger, ledger.Open(counts), counts);
    }

    private static void AssertCounts(Ledger ledger, long emitted, long queueFull = 0, long closed = 0, long pending = 0)
    {
        var statistics = ledger.Snapshot();
        Assert.That(statistics.CountOf(LokiDropReason.QueueFull), Is.EqualTo(queueFull), statistics.ToString());
        Assert.That(statistics.CountOf(LokiDropReason.Closed), Is.EqualTo(closed), statistics.ToString());
        Ledgers.AssertBalance(statistics, emitted, 0, dropped: queueFull + closed, pending: pending);
    }
}
