using System;
using System.Collections.Generic;
using System.Linq;

namespace NLog.Targets.Loki.Sending;

/// <summary>
/// Owns the targets that are live when the process ends. On Linux NLog closes them then without a flush, so they are flushed
/// here, before it: Unloading is raised ahead of ProcessExit. netstandard2.0 has only the latter, where NLog usually comes
/// first; its close then hands the queue over and waits for the drain, see SenderRegistry.
/// </summary>
internal static class ProcessEnd
{
    private static readonly HashSet<LokiTarget> s_targets = new();
    private static bool s_isWatching;

    public static void Watch(LokiTarget target)
    {
        lock (s_targets)
        {
            s_targets.Add(target);
            if (s_isWatching)
                return;
            s_isWatching = true;
#if NET
            System.Runtime.Loader.AssemblyLoadContext.Default.Unloading += _ => End();
#else
            AppDomain.CurrentDomain.ProcessExit += (_, _) => End();
#endif
        }
    }

    public static void Forget(LokiTarget target)
    {
        lock (s_targets)
            s_targets.Remove(target);
    }

    private static void End()
    {
        List<LokiTarget> targets;
        lock (s_targets)
            targets = s_targets.ToList();
        // Side by side: the time of the slowest is what the user waits, not the sum.
        var ends = targets.Select(target => System.Threading.Tasks.Task.Run(() => target.End(TimeSpan.FromSeconds(target.CloseTimeoutSeconds)))).ToArray();
        try
        {
            System.Threading.Tasks.Task.WaitAll(ends, TimeSpan.FromMinutes(1));
        }
        catch (Exception)
        {
            // The process ends either way.
        }
    }
}
