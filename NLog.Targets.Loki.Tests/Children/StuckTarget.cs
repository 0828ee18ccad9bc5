using System.Threading;

namespace NLog.Targets.Loki.Tests.Children;

/// <summary>A target that never ends its close: whoever replaces its configuration holds NLog's lock for ever.</summary>
internal sealed class StuckTarget : Target
{
    private static readonly ManualResetEventSlim s_stuck = new();

    public static void AwaitStuck() => s_stuck.Wait();

    protected override void Write(LogEventInfo logEvent)
    {
    }

    protected override void CloseTarget()
    {
        s_stuck.Set();
        using var never = new ManualResetEventSlim();
        never.Wait();
    }
}
