using System;
using System.Collections.Generic;

namespace NLog.Targets.Loki.Diagnostics;

/// <summary>Every count of one target name: each event is in exactly one term at any moment, and no counter ever falls.</summary>
internal sealed class Ledger
{
    private static readonly int ReasonCount = LokiDropReasons.All.Count;

    private readonly object _lock = new();

    // Under the lock: the places, the ends, and the traffic.
    private readonly List<Arrivals> _open = new();
    private readonly List<WeakReference<Arrivals>> _closed = new();
    private readonly long[] _held = new long[3];
    private readonly long[] _lost = new long[ReasonCount];
    private long _emitted;
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
    private readonly HashSet<object> _openBreakers = new();
    private TimeSpan _lastLatency;

    /// <summary>Events that are handed to a target while it cannot run: they pass no queue.</summary>
    public Arrivals Direct { get; } = new(new NoQueue());

    /// <summary>Begins to count one run of a target; a reload begins the next one in the same ledger.</summary>
    public Arrivals Open(IQueueCounts counts)
    {
        var arrivals = new Arrivals(counts);
        lock (_lock)
        {
            _open.Add(arrivals);
            _closed.RemoveAll(reference => !reference.TryGetTarget(out _));
        }

        return arrivals;
    }

    /// <summary>
    /// A run is over: what it still counts as queued never came out of NLog's queue, and is lost with the close. A thread that stood still
    /// while its target was closed can bring an event to the dead queue later, as long as somebody holds the target.
    /// </summary>
    public void Close(Arrivals arrivals)
    {
        lock (_lock)
        {
            if (_open.Remove(arrivals))
                _closed.Add(new WeakReference<Arrivals>(arrivals));
            arrivals.IsClosed = true;
            Read(arrivals);
        }
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

    /// <summary>A circuit breaker opens or closes. One name can have several at a time: that of a destination which drains, and the new one's.</summary>
    public void Breaker(object breaker, bool open)
    {
        lock (_lock)
        {
            if (!open)
                _openBreakers.Remove(breaker);
            else if (_openBreakers.Add(breaker))
                _breakerTrips++;
        }
    }

    private void Take(Arrivals from, long count)
    {
        from.Accept(count);
        Read(from);
    }

    private void Read(Arrivals arrivals)
    {
        var (emitted, discarded) = arrivals.Read();
        _emitted += emitted;
        _lost[(int)LokiDropReason.QueueFull] += discarded;
        if (!arrivals.IsClosed)
            return;
        _lost[(int)LokiDropReason.Closed] += arrivals.Queued;
        arrivals.Accept(arrivals.Queued);
    }

    public LokiStatistics Snapshot()
    {
        lock (_lock)
        {
            long queued = 0;
            foreach (var arrivals in _open)
            {
                Read(arrivals);
                queued += arrivals.Queued;
            }

            foreach (var reference in _closed)
            {
                if (reference.TryGetTarget(out var arrivals))
                    Read(arrivals);
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
                Emitted = _emitted,
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
                CircuitBreakerOpen = _openBreakers.Count > 0,
                CircuitBreakerTrips = _breakerTrips,
                LastLatency = _lastLatency,
            };
        }
    }

    /// <summary>No queue: every event is one that comes to us.</summary>
    private sealed class NoQueue : IQueueCounts
    {
        public (long Entered, long Discarded) Read() => default;
    }
}
