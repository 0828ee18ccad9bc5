using System;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Threading;
using NLog;
using NLog.Targets.Loki;

namespace QuickStart;

/// <summary>A text file whose lines are logged one by one.</summary>
internal sealed class LogFile(string path)
{
    private static readonly TimeSpan s_flush = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_poll = TimeSpan.FromMilliseconds(50);

    // Some probes of the target's circuit breaker, which by default has 30 seconds between two.
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(120);

    public Report Ship()
    {
        LogManager.Setup().LoadConfigurationFromFile("nlog.file.config", optional: false);
        var logger = LogManager.GetCurrentClassLogger();
        var target = LogManager.Configuration?.FindTargetByName<LokiTarget>("loki")
            ?? throw new InvalidOperationException("nlog.file.config has no Loki target of the name loki.");
        var lines = 0L;
        var watch = Stopwatch.StartNew();
        TimeSpan logged;
        TimeSpan drained;
        using (new Progress(target))
        {
            foreach (var line in File.ReadLines(path))
            {
                // An event without parameters: braces in the line are text and no placeholders.
                logger.Log(new LogEventInfo(LogLevel.Info, logger.Name, line));
                lines++;
            }

            logged = watch.Elapsed;
            Drain(target);
            drained = watch.Elapsed;
            LogManager.Shutdown();
        }

        var statistics = target.Statistics;
        return new Report("lines of the file", lines, statistics, string.Create(CultureInfo.InvariantCulture,
            $"Speed: all logged after {logged.TotalSeconds:0.00} s, drained after {drained.TotalSeconds:0.00} s, {statistics.Delivered / drained.TotalSeconds:N0} lines/s delivered"));
    }

    // A shutdown waits 15 seconds at most, and a Loki that limits the rate may need longer for what is buffered.
    private static void Drain(LokiTarget target)
    {
        // One flush spares the last batch its linger; more of them would cut short the pauses that a Loki in trouble needs.
        LogManager.Flush(s_flush);
        var best = target.Statistics.Pending;
        var idle = Stopwatch.StartNew();
        while (best > 0 && idle.Elapsed < s_patience)
        {
            Thread.Sleep(s_poll);
            var pending = target.Statistics.Pending;
            if (pending >= best)
                continue;
            best = pending;
            idle.Restart();
        }
    }
}
