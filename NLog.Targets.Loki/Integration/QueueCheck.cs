using System;
using System.Threading;
using NLog.Common;
using NLog.Targets.Loki.Delivery;

namespace NLog.Targets.Loki.Integration;

/// <summary>Looks at NLog's queue a second after the last hand-over: whether events were discarded, or wait although nobody hands them over.</summary>
internal sealed class QueueCheck : IDisposable
{
    private static readonly TimeSpan s_delay = TimeSpan.FromSeconds(1);

    private readonly NLogQueue _queue;
    private readonly object _syncRoot;
    private readonly Func<bool> _isHandingOver;
    private readonly Action _sayDiscarded;
    private readonly ITimer _timer;

    public QueueCheck(NLogQueue queue, object syncRoot, TimeProvider time, Func<bool> isHandingOver, Action sayDiscarded)
    {
        _queue = queue;
        _syncRoot = syncRoot;
        _isHandingOver = isHandingOver;
        _sayDiscarded = sayDiscarded;
        _timer = DetachedTimer.Create(time, static state => ((QueueCheck)state!).Look(), this, Timeout.InfiniteTimeSpan);
    }

    /// <summary>A hand-over has ended; the next look is a second later.</summary>
    public void HandedOver()
    {
        _queue.SettleExcess();
        _sayDiscarded();
        Arm();
    }

    public void Dispose() => _timer.Dispose();

    private void Look()
    {
        try
        {
            LookUnderLock();
            _sayDiscarded();
        }
        catch (Exception error)
        {
            InternalLogger.Error(error, "Loki: NLog's queue could not be looked at");
        }
    }

    private void LookUnderLock()
    {
        // Whoever holds the lock may wait for something that a timer's thread would do.
        if (!Monitor.TryEnter(_syncRoot))
        {
            Arm();
            return;
        }

        try
        {
            if (!_isHandingOver() && _queue.StartStandingWriter())
                Arm();
        }
        finally
        {
            Monitor.Exit(_syncRoot);
        }
    }

    private void Arm()
    {
        try
        {
            _timer.Change(s_delay, Timeout.InfiniteTimeSpan);
        }
        catch (ObjectDisposedException)
        {
            // The target was closed meanwhile, which takes what is in the queue.
        }
    }
}
