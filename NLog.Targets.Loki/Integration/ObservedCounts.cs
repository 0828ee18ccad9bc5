using System;
using System.Threading;
using NLog.Targets.Loki.Diagnostics;
using NLog.Targets.Wrappers;

namespace NLog.Targets.Loki.Integration;

/// <summary>Counts what NLog's queue takes and discards by asking the queue itself, whatever wrapper, filter or group stands before it.</summary>
internal sealed class ObservedCounts : IQueueCounts
{
    private Func<int>? _length;
    private long _received;
    private long _discarded;
    private long _markersEntered;
    private long _markersGone;

    /// <summary>Events came out of the queue.</summary>
    public void Receive(long events) => Interlocked.Add(ref _received, events);

    /// <summary>The queue is there; before that nothing can have entered it. Null when it belongs to another run.</summary>
    public void Attach(Func<int>? length) => Volatile.Write(ref _length, length);

    /// <summary>NLog puts a marker of a flush into the queue, or is about to.</summary>
    public void MarkerEnters() => Interlocked.Increment(ref _markersEntered);

    /// <summary>The marker has come out, or never went in.</summary>
    public void MarkerGone() => Interlocked.Increment(ref _markersGone);

    // NLog's locking queue calls this under its lock, and an exception would cost it the new event.
    public void Discarded(object? queue, LogEventDroppedEventArgs dropped)
    {
        if (NLogQueue.IsMarker(dropped.DroppedLogEventInfo))
            MarkerGone();
        else
            Interlocked.Increment(ref _discarded);
    }

    public (long Entered, long Discarded) Read()
    {
        // In this order nothing is counted twice: an event goes from the queue to one of the counters that are read before its length, and a
        // marker is counted as entered before it is in the queue and as gone after it has left it.
        var gone = Interlocked.Read(ref _markersGone);
        var received = Interlocked.Read(ref _received);
        var discarded = Interlocked.Read(ref _discarded);
        long length = Volatile.Read(ref _length)?.Invoke() ?? 0;
        var markers = Interlocked.Read(ref _markersEntered) - gone;
        return (received + discarded + Math.Max(0, length - markers), discarded);
    }

    /// <summary>Whether something waits in the queue that is no marker.</summary>
    public bool HasWaiting()
    {
        long length = Volatile.Read(ref _length)?.Invoke() ?? 0;
        return length > Interlocked.Read(ref _markersEntered) - Interlocked.Read(ref _markersGone);
    }
}
