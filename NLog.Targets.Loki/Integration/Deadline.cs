using System;
using System.Diagnostics;

namespace NLog.Targets.Loki.Integration;

/// <summary>One deadline for several waits, one after the other. In real time: the process or NLog is about to end.</summary>
internal sealed class Deadline
{
    private readonly Stopwatch _watch = Stopwatch.StartNew();
    private readonly TimeSpan _timeout;

    public Deadline(TimeSpan timeout) => _timeout = timeout;

    /// <summary>What is left of it; zero when it is over.</summary>
    public TimeSpan Left => _timeout > _watch.Elapsed ? _timeout - _watch.Elapsed : TimeSpan.Zero;
}
