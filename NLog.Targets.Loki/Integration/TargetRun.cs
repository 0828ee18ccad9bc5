using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using NLog.Common;
using NLog.Targets.Loki.Contract;
using NLog.Targets.Loki.Delivery;
using NLog.Targets.Loki.Diagnostics;
using NLog.Targets.Loki.Rendering;

namespace NLog.Targets.Loki.Integration;

/// <summary>
/// What belongs to one initialisation of a target: its queue in NLog, its hand-overs and its renderer. The same target object can be closed
/// and initialised again while its last hand-over still runs; that one goes on with its own run.
/// </summary>
internal sealed class TargetRun
{
    private const int MostRenderedByClose = 5000;

    private static readonly TimeSpan s_closePatience = TimeSpan.FromMilliseconds(500);

    private readonly TaskCompletionSource<bool> _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Func<EntryRenderer> _createRenderer;
    private readonly TimeProvider _time;
    private readonly NLogQueue _queue;
    private readonly QueueCheck _check;
    private EntryRenderer? _renderer;
    private readonly object _lock = new();
    private readonly List<AsyncLogEventInfo> _late = new();
    private Task _handOver = Task.CompletedTask;
    private int _handOvers;
    private long _discardedSaid;

    /// <param name="account">What the target's name keeps.</param>
    /// <param name="arrivals">The counts of the queue in the account's ledger.</param>
    /// <param name="options">The settings.</param>
    /// <param name="queue">NLog's queue, which NLog has made by now.</param>
    /// <param name="syncRoot">NLog's lock of the target.</param>
    /// <param name="createRenderer">Makes a renderer; it is used by one thread at a time.</param>
    /// <param name="dispatcher">Takes the entries.</param>
    /// <param name="time">The clock.</param>
    public TargetRun(TargetAccount account, Arrivals arrivals, LokiOptions options, NLogQueue queue, object syncRoot,
        Func<EntryRenderer> createRenderer, Dispatcher dispatcher, TimeProvider time)
    {
        Account = account;
        Arrivals = arrivals;
        Options = options;
        Dispatcher = dispatcher;
        _queue = queue;
        _createRenderer = createRenderer;
        _time = time;
        _check = new QueueCheck(queue, syncRoot, time, () => Volatile.Read(ref _handOvers) > 0, SayDiscarded);
    }

    public TargetAccount Account { get; }

    public Arrivals Arrivals { get; }

    public LokiOptions Options { get; }

    public Dispatcher Dispatcher { get; }

    /// <summary>The most hand-overs that ever ran at once; a test holds it at one. Written under SyncRoot.</summary>
    public int MostHandOvers { get; private set; }

    private bool IsClosed => _closed.Task.IsCompleted;

    /// <summary>Takes over what NLog hands over, under SyncRoot; the task ends when everything is rendered and there is space for more.</summary>
    public Task Start(IList<LogEventInfo> logEvents)
    {
        _queue.Receive(logEvents.Count);
        MostHandOvers = Math.Max(MostHandOvers, Interlocked.Increment(ref _handOvers));
        // NLog holds SyncRoot here: work would stall logging threads.
        return _handOver = DetachedTask.Run(() => HandOverAsync(logEvents));
    }

    /// <summary>An event that comes on its logging thread because the target is closed: its dispatcher lives on.</summary>
    public void HandOverDirectly(AsyncLogEventInfo late)
    {
        HandOver(late, Account.Ledger.Direct);
        Account.Notices.Write();
    }

    /// <summary>Empties NLog's queue, then waits for delivery; both together at most as long as the settings say.</summary>
    public void Flush(AsyncContinuation asyncContinuation)
    {
        var started = _time.GetTimestamp();
        var done = new FlushContinuation(asyncContinuation);
        // NLog's marker can be discarded by a full queue, so emptying it has a deadline of its own from the start.
        var deadline = DetachedTimer.Create(
            _time, _ => done.Fail($"{Account.Ledger.Snapshot().Pending} entries are not delivered, the queue could not be emptied in time"), null, Options.FlushTimeout);
        _queue.Flush(error =>
        {
            deadline.Dispose();
            var left = Options.FlushTimeout - _time.GetElapsedTime(started);
            Dispatcher.FlushAsync(left > TimeSpan.Zero ? left : TimeSpan.Zero).ContinueWith(
                flush =>
                {
                    if (error is not null)
                        done.Fail(error.Message);
                    else if (flush.Result > 0)
                        done.Fail($"{flush.Result} entries are not delivered");
                    else
                        done.Succeed();
                },
                TaskScheduler.Default);
        });
    }

    /// <summary>The same target object is initialised again, and the queue belongs to the new run.</summary>
    public void Supersede()
    {
        // What came to the queue of the closed target is of this run, and the new one must not count it again: it is handed over with the
        // rest, or, if that is over, counted as lost with the close.
        var late = _queue.TakeAll();
        _queue.Detach();
        if (!Arrivals.IsClosed)
        {
            lock (_lock)
                _late.AddRange(late);
            return;
        }

        Account.Ledger.Close(Arrivals);
        foreach (var logEvent in late)
            End(logEvent);
    }

    /// <summary>Takes what is in the queue before NLog clears it.</summary>
    public IReadOnlyList<AsyncLogEventInfo> TakeQueue() => _queue.TakeAll();

    /// <summary>NLog has closed the target. What it holds is handed over, some of it at once, the rest in the background; then the drain begins.</summary>
    public void Close(IReadOnlyList<AsyncLogEventInfo> residue)
    {
        _check.Dispose();
        _closed.TrySetResult(true);
        Dispatcher.LeaveToNext();
        // NLog closes the layouts next, and with them their variables: what can be rendered quickly is rendered before that.
        var rendered = 0;
        if (EndsShortly(_handOver))
        {
            var patience = new Deadline(s_closePatience);
            for (; rendered < residue.Count && rendered < MostRenderedByClose && patience.Left > TimeSpan.Zero; rendered++)
                HandOver(residue[rendered], Arrivals);
        }

        var rest = residue.Skip(rendered).ToList();
        // Off the thread that closes, which holds NLog's locks and may have a context to which nothing can be posted meanwhile.
        Account.AddClosing(DetachedTask.Run(() => CloseAsync(rest)));
    }

    private async Task CloseAsync(IReadOnlyList<AsyncLogEventInfo> residue)
    {
        try
        {
            await _handOver.ConfigureAwait(false);
            foreach (var logEvent in residue)
                HandOver(logEvent, Arrivals);
            // A thread that was about to queue its event when the target closed has usually done so by now.
            foreach (var logEvent in _queue.TakeAll())
                HandOver(logEvent, Arrivals);
            foreach (var logEvent in TakeLate())
                HandOver(logEvent, Arrivals);
        }
        catch (Exception error)
        {
            InternalLogger.Error(error, "{0}: the last hand-over failed", Account.Name);
        }
        finally
        {
            Account.Ledger.Close(Arrivals);
            Dispatcher.Release(Options.CloseTimeout);
            Account.Leave();
        }

        Account.Notices.Write();
    }

    private List<AsyncLogEventInfo> TakeLate()
    {
        lock (_lock)
        {
            var late = _late.ToList();
            _late.Clear();
            return late;
        }
    }

    private async Task HandOverAsync(IList<LogEventInfo> logEvents)
    {
        try
        {
            for (var next = 0; next < logEvents.Count;)
            {
                // With back-pressure, but not past the close.
                if (!IsClosed && Dispatcher.WaitForSpace() is { } space)
                    await Task.WhenAny(space, _closed.Task).ConfigureAwait(false);
                next = HandOver(logEvents, next, Arrivals);
            }
        }
        finally
        {
            Interlocked.Decrement(ref _handOvers);
        }

        _check.HandedOver();
    }

    // Renders events from the first on into the dispatcher's queue, as many as go at once; returns the next one. An exception counts as the
    // end of its event.
    private int HandOver(IList<LogEventInfo> logEvents, int first, Arrivals from)
    {
        // Layouts and exceptions run the application's code, which may block, so no lock of ours is held. A second renderer is made only
        // in the moment of a reload, when a late event comes on its logging thread; then the entries of a few events may reach the
        // dispatcher in another order than their nanoseconds, which Loki takes (unordered_writes).
        var renderer = Interlocked.Exchange(ref _renderer, null) ?? _createRenderer();
        var next = first;
        // An exception may never return from being read; what was rendered before it is safe by then.
        while (next < logEvents.Count && !renderer.Rendered.IsFull && (renderer.Rendered.Count == 0 || logEvents[next].Exception is null))
            Render(logEvents[next++], renderer, from);
        if (renderer.Rendered.Count > 0)
            Dispatcher.Append(renderer.Rendered, from);
        renderer.Rendered.Clear();
        Interlocked.Exchange(ref _renderer, renderer);
        return next;
    }

    private void HandOver(AsyncLogEventInfo late, Arrivals from)
    {
        if (!NLogQueue.IsMarker(late.LogEvent))
            HandOver(new[] { late.LogEvent }, 0, from);
        End(late);
    }

    private static void End(AsyncLogEventInfo logEvent)
    {
        try
        {
            logEvent.Continuation(null);
        }
        catch (Exception error)
        {
            InternalLogger.Debug(error, "a continuation failed");
        }
    }

    private void Render(LogEventInfo logEvent, EntryRenderer renderer, Arrivals from)
    {
        try
        {
            if (renderer.Render(logEvent, Account.Ledger, Dispatcher.TakesMetadata(Options.Push.Tenant)) is not { } reason)
                return;
            Account.Ledger.Lose(from, reason, 1);
            Account.Notices.Warn("line", "a line is longer than maxLineBytes and is dropped; raise maxLineBytes, or write lineOverflow=\"Truncate\"");
        }
        catch (Exception error)
        {
            Account.Ledger.Lose(from, LokiDropReason.RenderError, 1);
            Account.Notices.Error("render", $"an event could not be rendered and is dropped: {error.GetType().Name}; check layout, labels and properties");
        }
    }

    private void SayDiscarded()
    {
        long more;
        lock (_lock)
        {
            var discarded = _queue.Counts.Read().Discarded;
            (more, _discardedSaid) = (discarded - _discardedSaid, discarded);
        }

        if (more > 0)
            Account.Notices.Error("queue_full", $"{more} events were discarded by NLog's full queue, counted as queue_full; raise queueLimit, or log less");
        Account.Notices.Write();
    }

    private static bool EndsShortly(Task task)
    {
        try
        {
            return task.Wait(s_closePatience);
        }
        catch (AggregateException)
        {
            return true;
        }
    }
}
