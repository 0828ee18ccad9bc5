using System.Reflection;
using System.Threading;

namespace NLog.Targets.Loki.Tests.Support;

/// <summary>
/// Whether everything has left NLog's queue. While NLog hands events over, for some microseconds, they are in no term of the statistics; it
/// does so under its lock of the target, so under that lock the statistics are exact.
/// </summary>
internal static class EmptyQueue
{
    private static readonly PropertyInfo s_syncRoot = typeof(Target).GetProperty("SyncRoot", BindingFlags.Instance | BindingFlags.NonPublic)!;

    public static bool Of(LokiTarget target)
    {
        var syncRoot = s_syncRoot.GetValue(target)!;
        if (!Monitor.TryEnter(syncRoot))
            return false;
        try
        {
            return target.Statistics.Queued == 0;
        }
        finally
        {
            Monitor.Exit(syncRoot);
        }
    }
}
