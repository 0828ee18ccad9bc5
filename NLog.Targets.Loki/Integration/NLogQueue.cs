using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using NLog.Common;
using NLog.Targets.Loki.Diagnostics;

namespace NLog.Targets.Loki.Integration;

/// <summary>
/// NLog's queue of a target during one run: what it took, what it discarded, what is still in it when the target is closed. Without the
/// members of <see cref="NLogQueueMembers"/> calls are counted instead, and what a close finds in the queue is lost.
/// </summary>
internal sealed class NLogQueue
{
    private readonly AsyncTaskTarget _target;
    private readonly NLogQueueMembers _members;
    private readonly Action<AsyncContinuation> _flush;
    private readonly ObservedCounts? _observed;
    private readonly object _lock = new();
    private Action<IList<AsyncLogEventInfo>>? _dequeue;
    private Action? _stopListening;
    private long _calledBefore = -1;

    /// <param name="target">The target whose queue it is.</param>
    /// <param name="members">The way to the queue.</param>
    /// <param name="flush">NLog's own flush of the queue, which puts a marker behind what it holds; called under the target's SyncRoot.</param>
    public NLogQueue(AsyncTaskTarget target, NLogQueueMembers members, Action<AsyncContinuation> flush)
    {
        _target = target;
        _members = members;
        _flush = flush;
        // The queue may be replaced when NLog initialises the target, but not by one with other members.
        if (members.QueueOf(target) is { } queue && members.Length(queue) is not null && members.Listen(queue, Ignore) is { } stop)
        {
            stop();
            _observed = new ObservedCounts();
        }
        else
        {
            Calls = new CalledCounts();
        }
    }

    public IQueueCounts Counts => (IQueueCounts?)_observed ?? Calls!;

    /// <summary>What counts the log calls, where the queue cannot be asked; else null.</summary>
    public CalledCounts? Calls { get; }

    /// <summary>NLog has initialised the target, and with it made the queue: its events can be heard from now on.</summary>
    public void Attach()
    {
        if (_members.QueueOf(_target) is not { } queue)
            return;
        _dequeue = _members.Dequeue(queue);
        if (_observed is null)
            return;
        _stopListening = _members.Listen(queue, _observed.Discarded);
        _observed.Attach(_members.Length(queue)!);
    }

    /// <summary>The queue belongs to another run of the same target from now on.</summary>
    public void Detach()
    {
        _stopListening?.Invoke();
        _observed?.Attach(null);
        lock (_lock)
            _dequeue = null;
    }

    /// <summary>Events came out of the queue.</summary>
    public void Receive(int events)
    {
        _observed?.Receive(events);
        Calls?.Receive(events);
    }

    /// <summary>NLog's flush of the queue. The marker may be discarded by a full queue; then <paramref name="done"/> is never called.</summary>
    public void Flush(AsyncContinuation done)
    {
        var called = Calls?.Called;
        _observed?.MarkerEnters();
        _flush(error =>
        {
            _observed?.MarkerGone();
            if (error is null && Calls is { } calls && calls.Called == called)
                calls.SettleEmpty();
            done(error);
        });
    }

    /// <summary>After a hand-over: more may be missing than the queue and two hand-overs can hold.</summary>
    public void SettleExcess() => Calls?.SettleExcess(_target.QueueLimit + (2L * _target.BatchSize));

    /// <summary>
    /// Nothing has come out of the queue for a while. If something is in it, NLog's writer stands still: it is not started when the logging
    /// thread that finds the queue empty waits for SyncRoot longer than 50 ms (AsyncTaskTarget.Write), and no later event starts it. A marker
    /// does, and comes out behind everything else. True when there is something to look after. Called under SyncRoot.
    /// </summary>
    public bool StartStandingWriter()
    {
        if (_observed is not null)
        {
            if (!_observed.HasWaiting())
                return false;
            Flush(_ => { });
            return true;
        }

        var called = Calls!.Called;
        if (called == Calls.Read().Discarded + Calls.Received)
            return false;
        // A call that was counted just now may not have queued its event yet: only a queue at rest can be seen empty.
        if (Interlocked.Exchange(ref _calledBefore, called) == called)
            Flush(_ => { });
        else
            _flush(_ => { });
        return true;
    }

    /// <summary>
    /// Takes everything out of the queue, oldest first, markers of a flush included. NLog clears it when it closes the target, and tells
    /// nobody. With <c>Block</c> threads that wait for space come in as soon as there is some, so it is looked at until it stays empty.
    /// </summary>
    public IReadOnlyList<AsyncLogEventInfo> TakeAll()
    {
        var events = new List<AsyncLogEventInfo>();
        try
        {
            // Under the lock nobody gives the queue to another run meanwhile.
            lock (_lock)
            {
                for (var before = -1; _dequeue is not null && events.Count > before;)
                {
                    before = events.Count;
                    _dequeue(events);
                }
            }
        }
        catch (Exception error)
        {
            InternalLogger.Debug(error, "{0}: NLog's queue cannot be read at close", _target);
        }

        Receive(events.Count(each => !IsMarker(each.LogEvent)));
        return events;
    }

    /// <summary>Whether it is NLog's marker of a flush: an event of the level Off without a logger.</summary>
    public static bool IsMarker(LogEventInfo logEvent) => logEvent.Level == LogLevel.Off && string.IsNullOrEmpty(logEvent.LoggerName);

    private static void Ignore(object? queue, Wrappers.LogEventDroppedEventArgs dropped)
    {
    }
}
