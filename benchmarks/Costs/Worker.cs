using System;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Threading;

namespace Costs;

/// <summary>
/// One row inside its own process: set up once, then one round for each line of standard input, so that the rounds of
/// all rows can be interleaved while each keeps its own heap and its own compiled code.
/// </summary>
internal static class Worker
{
    public const string Ready = "ready";

    public static int Run(Row row, int port, int queueLimit)
    {
        using var subject = Subject.Create(row, port, queueLimit);
        var load = new Load(row, subject.Log);
        Console.WriteLine(Ready);
        while (Console.ReadLine() is { } line)
        {
            var words = line.Split(' ');
            var figure = int.Parse(words[1], CultureInfo.InvariantCulture);
            Console.WriteLine(words[0] switch
            {
                "round" => JsonSerializer.Serialize(Round(subject, load, figure)),
                "calls" => JsonSerializer.Serialize(CallCost.Measure(subject, load)),
                "endure" => Endurance.Sample(subject, load, TimeSpan.FromSeconds(figure)),
                "rate" => Rate.Measure(subject, load, TimeSpan.FromSeconds(figure)).ToString(CultureInfo.InvariantCulture),
                _ => throw new ArgumentException("unknown command " + line),
            });
        }

        return 0;
    }

    private static Measurement Round(Subject subject, Load load, int events)
    {
        // Every round begins with a collected heap: what the last one left is not its cost.
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
        var delivered = subject.Delivered;
        var collections = GC.CollectionCount(0);
        var contentions = Monitor.LockContentionCount;
        var large = LargeObjects();
        var allocated = GC.GetTotalAllocatedBytes(precise: true);
        var cpu = Environment.CpuUsage.TotalTime;
        var started = Stopwatch.GetTimestamp();

        load.Run(events);
        var problem = subject.Flush();

        var wall = Stopwatch.GetElapsedTime(started);
        cpu = Environment.CpuUsage.TotalTime - cpu;
        allocated = GC.GetTotalAllocatedBytes(precise: true) - allocated;
        var arrived = subject.Delivered - delivered;
        if (problem is null && arrived is { } count && count != events)
            problem = $"{count} of {events} events were delivered";
        collections = GC.CollectionCount(0) - collections;
        GC.Collect();
        return new Measurement
        {
            Events = events,
            CpuMicroseconds = cpu.TotalMicroseconds,
            WallMilliseconds = wall.TotalMilliseconds,
            Allocated = allocated,
            LargeBefore = large,
            LargeAfter = LargeObjects(),
            Collections = collections,
            Contentions = Monitor.LockContentionCount - contentions,
            Problem = problem,
        };
    }

    private static long LargeObjects() => GC.GetGCMemoryInfo(GCKind.Any).GenerationInfo[3].SizeAfterBytes;
}
