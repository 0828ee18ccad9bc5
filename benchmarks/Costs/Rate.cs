using System;
using System.Diagnostics;
using System.Threading;
using System.Threading.Tasks;

namespace Costs;

/// <summary>The rate of delivery while one thread logs as fast as it is let, with back-pressure; the start is left out.</summary>
internal static class Rate
{
    private static readonly TimeSpan s_warmUp = TimeSpan.FromSeconds(4);

    /// <summary>Events that arrived in a second.</summary>
    public static double Measure(Subject subject, Load load, TimeSpan duration)
    {
        using var stop = new CancellationTokenSource();
        using var end = new ManualResetEventSlim();
        var logging = Task.Factory.StartNew(() => load.RunUntil(stop.Token), TaskCreationOptions.LongRunning);
        end.Wait(s_warmUp);
        var began = Stopwatch.GetTimestamp();
        var before = subject.Delivered ?? 0;
        end.Wait(duration);
        var rate = ((subject.Delivered ?? 0) - before) / Stopwatch.GetElapsedTime(began).TotalSeconds;
        stop.Cancel();
        logging.Wait();
        subject.Flush();
        return rate;
    }
}
