using System;
using System.Diagnostics;

namespace LogCallLatency;

/// <summary>How long each log call of one run took, sorted.</summary>
internal sealed class Latencies
{
    private readonly long[] _ticks;

    public Latencies(long[] ticks)
    {
        _ticks = ticks;
        Array.Sort(_ticks);
    }

    public double Microseconds(double quantile) =>
        _ticks[(int)Math.Min(_ticks.Length - 1, quantile * _ticks.Length)] * 1e6 / Stopwatch.Frequency;
}
