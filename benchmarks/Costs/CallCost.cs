using System;
using System.Diagnostics;

namespace Costs;

/// <summary>
/// What a log call costs the thread that makes it. Calls come in bursts that the queue can hold, so that none waits, and
/// each burst is delivered before the next; the median of the bursts leaves out those that a collection interrupted.
/// </summary>
internal sealed class CallCost
{
    private const int Bursts = 9;
    private const int Calls = 4_000;

    public double Nanoseconds { get; set; }

    public double Bytes { get; set; }

    public static CallCost Measure(Subject subject, Load load)
    {
        var times = new double[Bursts];
        var bytes = new double[Bursts];
        for (var burst = 0; burst < Bursts; burst++)
        {
            var allocated = GC.GetAllocatedBytesForCurrentThread();
            var began = Stopwatch.GetTimestamp();
            load.Run(Calls);
            times[burst] = Stopwatch.GetElapsedTime(began).TotalNanoseconds / Calls;
            bytes[burst] = (GC.GetAllocatedBytesForCurrentThread() - allocated) / (double)Calls;
            subject.Flush();
        }

        return new CallCost { Nanoseconds = Median.Of(times), Bytes = Median.Of(bytes) };
    }
}
