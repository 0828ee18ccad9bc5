using System;
using System.Reflection;
using System.Threading;
using NLog.Targets.Wrappers;

namespace NLog.Targets.Loki.Tests.Integration;

/// <summary>Hears what the queues of targets discard, from NLog itself: the event of the queue, which the type of the queue hides.</summary>
internal sealed class DiscardListener
{
    private static readonly FieldInfo s_queue = typeof(AsyncTaskTarget).GetField("_requestQueue", BindingFlags.Instance | BindingFlags.NonPublic)
        ?? throw new InvalidOperationException("NLog has renamed the queue of AsyncTaskTarget");

    private long _discarded;

    public long Discarded => Interlocked.Read(ref _discarded);

    /// <summary>To be called before the target is initialised: whoever subscribes later hears of each event later.</summary>
    public void ListenTo(AsyncTaskTarget target)
    {
        // It may be replaced by a locking one; this decides it now.
        var queue = s_queue.GetValue(target)!;
        var dropped = queue.GetType().GetEvent("LogEventDropped") ?? throw new InvalidOperationException("NLog's queue no longer says what it discards");
        dropped.AddEventHandler(queue, new EventHandler<LogEventDroppedEventArgs>(OnDropped));
    }

    private void OnDropped(object? sender, LogEventDroppedEventArgs dropped)
    {
        // The marker of a flush has a level of its own.
        if (dropped.DroppedLogEventInfo.Level != LogLevel.Off)
            Interlocked.Increment(ref _discarded);
    }
}
