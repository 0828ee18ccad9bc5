using System;
using System.Collections.Generic;
using System.Linq;

namespace NLog.Targets.Loki.Integration;

/// <summary>
/// Flushes the targets that are live when the process ends. On Linux NLog closes them then without a flush, so they are flushed
/// here, before it: Unloading is raised ahead of ProcessExit. netstandard2.0 has only the latter, where NLog usually comes
/// first; its close then hands the queue over and waits for the drain, see AccountRegistry. SIGTERM, with which containers are
/// stopped, raises neither since .NET 10, so it is listened to.
/// </summary>
internal static class ProcessEnd
{
    private static readonly HashSet<LokiTarget> s_targets = new();
    private static bool s_isWatching;
#if NET
    private static System.Runtime.InteropServices.PosixSignalRegistration? s_terminate;
#endif

    public static void Watch(LokiTarget target)
    {
        lock (s_targets)
        {
            s_targets.Add(target);
            if (s_isWatching)
                return;
            s_isWatching = true;
#if NET
            System.Runtime.Loader.AssemblyLoadContext.Default.Unloading += _ => End(isCertain: true);
            ListenToTerminate();
#else
            AppDomain.CurrentDomain.ProcessExit += (_, _) => End(isCertain: true);
#endif
        }
    }

    public static void Forget(LokiTarget target)
    {
        lock (s_targets)
            s_targets.Remove(target);
    }

#if NET
    private static void ListenToTerminate()
    {
        try
        {
            // The signal is left as it is: afterwards the process dies of it as it would have. Handlers are called last come, first
            // served; a host that was started after NLog has taken the signal by then and stops the application in its own time.
            s_terminate = System.Runtime.InteropServices.PosixSignalRegistration.Create(
                System.Runtime.InteropServices.PosixSignal.SIGTERM, signal =>
                {
                    if (!signal.Cancel)
                        End(isCertain: false);
                });
        }
        catch (Exception error)
        {
            NLog.Common.InternalLogger.Debug(error, "Loki: SIGTERM cannot be listened to");
        }
    }
#endif

    private static void End(bool isCertain)
    {
        List<LokiTarget> targets;
        lock (s_targets)
            targets = s_targets.ToList();
        // Side by side: the time of the slowest is what the user waits, not the sum.
        var ends = targets.Select(target => System.Threading.Tasks.Task.Run(() => target.End(TimeSpan.FromSeconds(target.CloseTimeoutSeconds), isCertain))).ToArray();
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
