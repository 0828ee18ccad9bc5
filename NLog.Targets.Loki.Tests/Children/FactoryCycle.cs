using System;
using System.Diagnostics;
using System.IO;
using System.Threading;
using NLog.Config;

namespace NLog.Targets.Loki.Tests.Children;

/// <summary>
/// A hundred LogFactories, one after the other made, used and shut down; the answer says by how much threads, file handles
/// (sockets are among them) and timers grew.
/// </summary>
internal sealed class FactoryCycle(Uri endpoint)
{
    private const int WarmUps = 20;
    private const int Cycles = 100;

    public string Run()
    {
        for (var i = 0; i < WarmUps; i++)
            Once();
        var before = Count();
        for (var i = 0; i < Cycles; i++)
            Once();
        var after = Count();
        return $"threads={after.Threads - before.Threads} handles={after.Handles - before.Handles} timers={after.Timers - before.Timers}";
    }

    private static (int Threads, int Handles, long Timers) Count()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
        using var self = Process.GetCurrentProcess();
        var handles = Directory.Exists("/proc/self/fd") ? Directory.GetFiles("/proc/self/fd").Length : self.HandleCount;
        return (self.Threads.Count, handles, Timer.ActiveCount);
    }

    private void Once()
    {
        using var factory = new LogFactory();
        factory.Configuration = XmlLoggingConfiguration.CreateFromXmlString($"""
            <nlog throwConfigExceptions="true">
              <extensions><add assembly="NLog.Targets.Loki" /></extensions>
              <targets><target type="Loki" name="loki" endpoint="{endpoint}" /></targets>
              <rules><logger name="*" writeTo="loki" /></rules>
            </nlog>
            """, factory);
        factory.GetLogger("cycle").Info("line");
        factory.Shutdown();
    }
}
