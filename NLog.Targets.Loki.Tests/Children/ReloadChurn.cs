using System;
using System.Linq;
using System.Threading;

namespace NLog.Targets.Loki.Tests.Children;

/// <summary>Two threads that log while the configuration is replaced every 100 ms; the answer says how many calls there were.</summary>
internal sealed class ReloadChurn(Action reload, Func<LokiStatistics> statistics)
{
    public const int Threads = 2;
    public const int Reloads = 20;

    private readonly int[] _logged = new int[Threads];
    private volatile bool _isOver;

    public string Run()
    {
        var threads = Enumerable.Range(0, Threads).Select(number => new Thread(() => Log(number))).ToList();
        threads.ForEach(thread => thread.Start());
        using var pace = new ManualResetEventSlim();
        for (var i = 0; i < Reloads; i++)
        {
            pace.Wait(100);
            reload();
        }

        _isOver = true;
        threads.ForEach(thread => thread.Join());
        return "logged=" + _logged.Sum();
    }

    private void Log(int thread)
    {
        var logger = LogManager.GetLogger("thread" + thread);
        while (!_isOver)
        {
            logger.Info("line {thread} {number}", thread, _logged[thread]++);
            Thread.SpinWait(5000);
            // Load, not overload: a busy machine must not turn this into a test of NLog's full queue.
            while (_logged[thread] % 100 == 0 && statistics().Queued > 10_000 && !_isOver)
                Thread.Yield();
        }
    }
}
