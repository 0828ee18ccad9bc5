using System.Diagnostics;
using System.Linq;
using System.Threading;
using NLog;
using NLog.Config;
using NLog.Targets;

namespace LogCallLatency;

/// <summary>One run: a target, threads that log into it as fast as they can, and the time of each call.</summary>
internal static class Run
{
    public static Latencies Of(Target target, int threads, int eventsPerThread)
    {
        using var factory = new LogFactory();
        var configuration = new LoggingConfiguration(factory);
        configuration.AddRuleForAllLevels(target);
        factory.Configuration = configuration;
        var logger = factory.GetLogger("benchmark");
        for (var i = 0; i < 20_000; i++)
            logger.Info("an ordinary line of an application, {thread} {number}", 0, i);
        var ticks = new long[threads][];
        using var start = new ManualResetEventSlim();
        var writers = Enumerable.Range(0, threads).Select(thread => new Thread(() =>
        {
            var own = ticks[thread] = new long[eventsPerThread];
            start.Wait();
            for (var i = 0; i < eventsPerThread; i++)
            {
                var began = Stopwatch.GetTimestamp();
                logger.Info("an ordinary line of an application, {thread} {number}", thread, i);
                own[i] = Stopwatch.GetTimestamp() - began;
            }
        })).ToList();
        writers.ForEach(writer => writer.Start());
        start.Set();
        writers.ForEach(writer => writer.Join());
        return new Latencies([.. ticks.SelectMany(own => own)]);
    }
}
