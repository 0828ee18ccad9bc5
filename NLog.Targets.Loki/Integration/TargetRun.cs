using System;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;
using NLog.Common;
using NLog.Targets.Loki.Contract;
using NLog.Targets.Loki.Delivery;
using NLog.Targets.Loki.Diagnostics;
using NLog.Targets.Loki.Rendering;

namespace NLog.Targets.Loki.Integration;

/// <summary>
/// What belongs to one initialisation of a target. The same object can be closed and initialised again while its last
/// hand-over still runs, and that one goes on with its own life.
/// </summary>
internal sealed class TargetRun
{
    private readonly TaskCompletionSource<bool> _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Func<EntryRenderer> _createRenderer;
    private EntryRenderer? _renderer;

    public TargetRun(TargetAccount account, Arrivals arrivals, LokiOptions options, Func<EntryRenderer> createRenderer, Dispatcher sender)
    {
        Account = account;
        Arrivals = arrivals;
        Options = options;
        _createRenderer = createRenderer;
        Sender = sender;
    }

    public TargetAccount Account { get; }

    public Arrivals Arrivals { get; }

    public LokiOptions Options { get; }

    public Dispatcher Sender { get; }

    public bool IsClosed => _closed.Task.IsCompleted;

    /// <summary>With back-pressure: waits for room, but not past the close.</summary>
    public Task? WaitForSpace() => IsClosed || Sender.WaitForSpace() is not { } room ? null : Task.WhenAny(room, _closed.Task);

    public void Close() => _closed.TrySetResult(true);

    /// <summary>
    /// Renders events from <paramref name="first"/> on into the sender's buffer, as many as go at once; says how far it has come. An
    /// exception counts as the end of its event.
    /// </summary>
    public int HandOver(IList<LogEventInfo> logEvents, int first)
    {
        // Layouts and exceptions run the application's code, which may block, so no lock is held. A second renderer is made only
        // in the moment of a reload, when a late event comes on its logging thread; then the entries of a few events may reach the
        // sender in another order than their nanoseconds, which Loki takes (unordered_writes).
        var renderer = Interlocked.Exchange(ref _renderer, null) ?? _createRenderer();
        var next = first;
        // An exception may never return from being read; what was rendered before it is safe by then.
        while (next < logEvents.Count && !renderer.Rendered.IsFull && (renderer.Rendered.Count == 0 || logEvents[next].Exception is null))
        {
            var logEvent = logEvents[next++];
            // NLog's own marker of a flush, left in the queue.
            if (logEvent.Level != LogLevel.Off)
                Render(logEvent, renderer);
        }

        if (renderer.Rendered.Count > 0)
            Sender.Append(renderer.Rendered, Arrivals);
        renderer.Rendered.Clear();
        Interlocked.Exchange(ref _renderer, renderer);
        return next;
    }

    public void HandOver(AsyncLogEventInfo late)
    {
        HandOver(new[] { late.LogEvent }, 0);
        try
        {
            late.Continuation(null);
        }
        catch (Exception error)
        {
            InternalLogger.Debug(error, "a continuation failed");
        }
    }

    /// <summary>Events are known to have been discarded by NLog's queue.</summary>
    public void NoteDiscarded(long lost)
    {
        if (lost > 0)
            Account.Notices.Error("queue_full", $"{lost} events were discarded by NLog's full queue, counted as queue_full; raise queueLimit, or log less");
        Account.Notices.Write();
    }

    private void Render(LogEventInfo logEvent, EntryRenderer renderer)
    {
        try
        {
            if (renderer.Render(logEvent, Account.Ledger, Sender.TakesMetadata) is not { } reason)
                return;
            Account.Ledger.Lose(Arrivals, reason, 1);
            Account.Notices.Warn("line", "a line is longer than maxLineBytes and is dropped; raise maxLineBytes, or write lineOverflow=\"Truncate\"");
        }
        catch (Exception error)
        {
            Account.Ledger.Lose(Arrivals, LokiDropReason.RenderError, 1);
            Account.Notices.Error("render", $"an event could not be rendered and is dropped: {error.GetType().Name}; check layout, labels and properties");
        }
    }
}
