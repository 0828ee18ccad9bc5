using System;
using System.Reflection;
using System.Threading;

namespace NLog.Targets.Loki.Tests.Support;

/// <summary>
/// The start of NLog's writer where it stands still: a thread that is stopped between counting its event and queueing it leaves it
/// there (ConcurrentRequestQueue.Enqueue), and the second after which the target notices passes on the clock of the test.
/// </summary>
internal sealed class QueueWatch
{
    private const int PatienceMilliseconds = 2000;

    private static readonly FieldInfo s_timer = typeof(AsyncTaskTarget).GetField("_lazyWriterTimer", BindingFlags.Instance | BindingFlags.NonPublic)
        ?? throw new InvalidOperationException("NLog has renamed the timer of its writer");

    private long _queued;
    private long _since = Environment.TickCount64;

    /// <summary>To be asked while a test waits for a queue to become empty.</summary>
    public void Look(LokiTarget target)
    {
        var queued = target.Statistics.Queued;
        if (queued == 0 || queued != _queued)
        {
            (_queued, _since) = (queued, Environment.TickCount64);
            return;
        }

        if (Environment.TickCount64 - _since < PatienceMilliseconds)
            return;
        ((Timer)s_timer.GetValue(target)!).Change(0, Timeout.Infinite);
        _since = Environment.TickCount64;
    }
}
