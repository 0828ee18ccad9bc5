using System;
using System.Collections.Generic;

namespace NLog.Targets.Loki.Diagnostics;

/// <summary>Every count of one target name: each event is in exactly one term at any moment.</summary>
internal sealed class Ledger
{
    private static readonly int ReasonCount = LokiDropReasons.All.Count;

    private readonly object _lock = new();

    // Under the lock: the places, the ends, and the traffic.
    private readonly List<Arrivals> _arrivals = new();
    private readonly long[] _held = new long[3];
    private readonly long[] _lost = new long[ReasonCount];
    private long _delivered;
    private long _retryingBatches;
    private long _requests;
    private long _errors;
    private long _resent;
    private long _bytesSent;
    private long _linesTruncated;
    private long _labelsCut;
    private long _metadataCut;
    private long _breakerTrips;
    private bool _breakerOpen;
    private TimeSpan _lastLatency;

    /// <summary>Opens the account of one target instance; a reload opens the next one in the same ledger.</summary>
    public Arrivals Open()
    {
        var arrivals = new Arrivals();
        lock (_lock)
            _arrivals.Add(arrivals);
        return arrivals;
    }

    /// <summary>Events left NLog's queue and are held by us.</summary>
    public void Accept(Arrivals from, long count)
    {
        lock (_lock)
        {
            Take(from, count);
            _held[(int)Place.Buffered] += count;
        }
    }

    /// <summary>Events left NLog's queue and go no further.</summary>
    public void Lose(Arrivals from, LokiDropReason reason, long count)
    {
        lock (_lock)
        {
            Take(from, count);
            _lost[(int)reason] += count;
        }
    }

    public void Lose(Place from, LokiDropReason reason, long count)
    {
        lock (_lock)
        {
            _held[(int)from] -= count;
            _lost[(int)reason] += count;
        }
    }

    public void Move(Place from, Place to, long count)
    {
        lock (_lock)
        {
            _held[(int)from] -= count;
            _held[(int)to] += count;
        }
    }

    public void Deliver(long count)
    {
        lock (_lock)
        {
            _held[(int)Place.InFlight] -= count;
            _delivered += count;
        }
    }

    /// <summary>
    /// The queue of this instance is known to be empty and no logging thread is between counting and queueing: what is
    /// missing was discarded by NLog, which tells nobody (guide, section 4).
    /// </summary>
    public long SettleEmptyQueue(Arrivals arrivals)
    {
        lock (_lock)
        {
            var missing = arrivals.Emitted - arrivals.Handed;
            if (missing <= 0)
                return 0;
            Settle(arrivals, LokiDropReason.QueueFull, missing);
            return missing;
        }
    }

    /// <summary>More is outstanding than the queue can hold, so the excess was discarded whatever the queue does now.</summary>
    public long SettleExcess(Arrivals arrivals, long capacity)
    {
        lock (_lock)
        {
            var excess = arrivals.Emitted - arrivals.Handed - capacity;
            if (excess <= 0)
                return 0;
            Settle(arrivals, LokiDropReason.QueueFull, excess);
            return excess;
        }
    }

    public void Request(bool resent, long bytes)
    {
        lock (_lock)
        {
            _requests++;
            _bytesSent += bytes;
            if (resent)
                _resent++;
        }
    }

    public void Answer(bool error, TimeSpan latency)
    {
        lock (_lock)
        {
            if (error)
                _errors++;
            _lastLatency = latency;
        }
    }

    public void RetryingBatches(int change)
    {
        lock (_lock)
            _retryingBatches += change;
    }

    public void Rewritten(int linesTruncated, int labelsCut, int metadataCut)
    {
        if ((linesTruncated | labelsCut | metadataCut) == 0)
            return;
        lock (_lock)
        {
            _linesTruncated += linesTruncated;
            _labelsCut += labelsCut;
            _metadataCut += metadataCut;
        }
    }

    public void Breaker(bool open)
    {
        lock (_lock)
        {
            if (open && !_breakerOpen)
                _breakerTrips++;
            _breakerOpen = open;
        }
    }

    /// <summary>An instance is closed and its queue taken: whatever did not come out of it, or is still counted for it, is lost with the close.</summary>
    public void Fold(Arrivals arrivals)
    {
        lock (_lock)
            arrivals.IsSettled = true;
    }

    private void Settle(Arrivals arrivals, LokiDropReason reason, long count)
    {
        arrivals.Handed += count;
        _lost[(int)reason] += count;
        if (reason == LokiDropReason.QueueFull)
            arrivals.SettledAsFull += count;
        else
            arrivals.SettledAsClosed += count;
    }

    // A thread that was stopped between counting and queueing can bring an event that was settled as lost already: then it
    // was not lost, and the truth goes before a counter that only rises. What nobody counted at all arrives now.
    private void Take(Arrivals from, long count)
    {
        from.Handed += count;
        var excess = from.Handed - from.Emitted;
        if (excess <= 0)
            return;
        var closed = Math.Min(excess, from.SettledAsClosed);
        var full = Math.Min(excess - closed, from.SettledAsFull);
        from.SettledAsClosed -= closed;
        from.SettledAsFull -= full;
        _lost[(int)LokiDropReason.Closed] -= closed;
        _lost[(int)LokiDropReason.QueueFull] -= full;
        from.Handed -= closed + full;
        from.CountLate(excess - closed - full);
    }

    public LokiStatistics Snapshot()
    {
        lock (_lock)
        {
            long emitted = 0, queued = 0;
            foreach (var arrivals in _arrivals)
            {
                // Read once: the same number stands on both sides of the balance.
                var seen = arrivals.Emitted;
                if (arrivals.IsSettled && seen > arrivals.Handed)
                {
                    Settle(arrivals, LokiDropReason.Closed, seen - arrivals.Handed);
                }

                emitted += seen;
                queued += seen - arrivals.Handed;
            }

            var lost = new Dictionary<LokiDropReason, long>(ReasonCount);
            long rejected = 0, dropped = 0;
            foreach (var reason in LokiDropReasons.All)
            {
                var count = _lost[(int)reason];
                lost[reason] = count;
                if (LokiDropReasons.IsRejection(reason))
                    rejected += count;
                else
                    dropped += count;
            }

            return new LokiStatistics(lost)
            {
                Emitted = emitted,
                Delivered = _delivered,
                Rejected = rejected,
                Dropped = dropped,
                Queued = queued,
                Buffered = _held[(int)Place.Buffered],
                InFlight = _held[(int)Place.InFlight],
                Retrying = _held[(int)Place.Retrying],
                RetryingBatches = _retryingBatches,
                Requests = _requests,
                Errors = _errors,
                Resent = _resent,
                BytesSent = _bytesSent,
                LinesTruncated = _linesTruncated,
                LabelsCut = _labelsCut,
                MetadataCut = _metadataCut,
                CircuitBreakerOpen = _breakerOpen,
                CircuitBreakerTrips = _breakerTrips,
                LastLatency = _lastLatency,
            };
        }
    }
}
