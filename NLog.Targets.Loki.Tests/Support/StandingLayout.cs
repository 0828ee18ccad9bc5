using System;
using System.Threading;
using NLog.Layouts;

namespace NLog.Targets.Loki.Tests.Support;

/// <summary>A rendering that stands still until the test lets it go; derived ones say on which thread.</summary>
internal abstract class StandingLayout : Layout
{
    private readonly SemaphoreSlim _reached = new(0);
    private readonly ManualResetEventSlim _mayGoOn = new();

    public void LetGo() => _mayGoOn.Set();

    public void AwaitReached()
    {
        if (!_reached.Wait(TimeSpan.FromSeconds(20)))
            throw new TimeoutException("nothing is rendered");
    }

    protected override string GetFormattedMessage(LogEventInfo logEvent)
    {
        _reached.Release();
        if (!_mayGoOn.Wait(TimeSpan.FromSeconds(30)))
            throw new TimeoutException("never let go");
        return "stood";
    }

    /// <summary>Stands at hand-over.</summary>
    [NLog.Config.ThreadAgnostic]
    public sealed class AtHandOver : StandingLayout
    {
    }

    /// <summary>Stands on the thread that logs.</summary>
    public sealed class WhereLogged : StandingLayout
    {
    }
}
