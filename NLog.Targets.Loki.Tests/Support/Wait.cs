using System;
using System.Diagnostics;
using System.Threading.Tasks;

namespace NLog.Targets.Loki.Tests.Support;

/// <summary>Waiting for something that only a counter shows, with a ceiling.</summary>
internal static class Wait
{
    public static async Task UntilAsync(Func<bool> reached, string what, int ceilingSeconds = 20, int tickMilliseconds = 5, Func<object>? state = null)
    {
        var watch = Stopwatch.StartNew();
        using var tick = new System.Threading.PeriodicTimer(TimeSpan.FromMilliseconds(tickMilliseconds));
        while (!reached())
        {
            if (watch.Elapsed.TotalSeconds > ceilingSeconds)
                throw new TimeoutException($"not reached: {what}; {state?.Invoke()}");
            await tick.WaitForNextTickAsync();
        }
    }
}
