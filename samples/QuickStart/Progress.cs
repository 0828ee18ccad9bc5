using System;
using System.Diagnostics;
using System.Globalization;
using System.Threading;
using NLog.Targets.Loki;

namespace QuickStart;

/// <summary>Prints the counters of a target each half second, until it is disposed.</summary>
internal sealed class Progress : IDisposable
{
    private static readonly TimeSpan s_interval = TimeSpan.FromMilliseconds(500);

    private readonly Stopwatch _watch = Stopwatch.StartNew();
    private readonly ManualResetEventSlim _stopped = new();
    private readonly LokiTarget _target;
    private readonly Thread _thread;

    public Progress(LokiTarget target)
    {
        _target = target;
        _thread = new Thread(Run) { IsBackground = true };
        _thread.Start();
    }

    public void Dispose()
    {
        // A line of the thread must not end up in the report.
        _stopped.Set();
        _thread.Join();
        _stopped.Dispose();
    }

    private void Run()
    {
        while (!_stopped.Wait(s_interval))
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{_watch.Elapsed.TotalSeconds,6:0.0} s  {_target.Statistics}"));
    }
}
