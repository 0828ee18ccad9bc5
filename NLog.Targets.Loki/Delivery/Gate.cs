using System;

namespace NLog.Targets.Loki.Delivery;

/// <summary>
/// Says whether requests of one scope (endpoint, tenant, stream) may go. Closed after a failure: nothing before
/// <see cref="NotBefore"/>, then one probe at a time until one passes. No clock of its own.
/// </summary>
internal sealed class Gate
{
    public int Failures { get; private set; }

    public TimeSpan NotBefore { get; private set; }

    /// <summary>Rises with every change, so that requests started before a failure do not count as further failures.</summary>
    public int Generation { get; private set; }

    public bool IsClosed => Failures > 0;

    public bool CanSend(TimeSpan now, int inFlight) => Failures == 0 || (inFlight == 0 && now >= NotBefore);

    public void Fail(int generation, Func<int, TimeSpan> pause, TimeSpan now)
    {
        if (generation != Generation)
            return;
        Failures++;
        Generation++;
        NotBefore = now + pause(Failures);
    }

    /// <summary>A request passed. One that began before the last failure proves nothing: it would cut short a pause that the server asked for.</summary>
    public void Pass(int generation)
    {
        if (Failures == 0 || generation != Generation)
            return;
        Failures = 0;
        Generation++;
        NotBefore = TimeSpan.Zero;
    }

    /// <summary>Ends the current pause, once: the next attempt may go now.</summary>
    public void EndPause() => NotBefore = TimeSpan.Zero;
}
