using System;
using System.Threading;
using NLog.Common;

namespace NLog.Targets.Loki.Integration;

/// <summary>NLog's continuation of one flush, which is called exactly once.</summary>
internal sealed class FlushContinuation
{
    private AsyncContinuation? _continuation;

    public FlushContinuation(AsyncContinuation continuation) => _continuation = continuation;

    public void Succeed() => End(null);

    public void Fail(string why) => End(new NLogRuntimeException("Flush of the Loki target is not complete: " + why));

    private void End(Exception? error)
    {
        try
        {
            Interlocked.Exchange(ref _continuation, null)?.Invoke(error);
        }
        catch (Exception thrown)
        {
            // It is the application's, and on a thread of a timer it would end the process.
            InternalLogger.Debug(thrown, "Loki: the continuation of a flush failed");
        }
    }
}
