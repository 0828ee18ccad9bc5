using System;
using System.Diagnostics;
using System.IO;
using NLog.Targets.Loki;

namespace Costs;

/// <summary>What a process held at one moment.</summary>
internal sealed class EnduranceSample
{
    private const double MiB = 1024 * 1024;

    public double Seconds { get; set; }

    public double WorkingSetMiB { get; set; }

    public double HeapMiB { get; set; }

    public double LargeMiB { get; set; }

    public double QueueMiB { get; set; }

    public int Handles { get; set; }

    public int Threads { get; set; }

    public long Delivered { get; set; }

    public long Dropped { get; set; }

    public static EnduranceSample Take(TimeSpan at, LokiStatistics? statistics, long queueBytes)
    {
        using var process = Process.GetCurrentProcess();
        return new EnduranceSample
        {
            Seconds = at.TotalSeconds,
            WorkingSetMiB = process.WorkingSet64 / MiB,
            // After the last collection: what lies between two of them says nothing.
            HeapMiB = GC.GetGCMemoryInfo(GCKind.Any).HeapSizeBytes / MiB,
            LargeMiB = GC.GetGCMemoryInfo(GCKind.Any).GenerationInfo[3].SizeAfterBytes / MiB,
            QueueMiB = queueBytes / MiB,
            Handles = Directory.Exists("/proc/self/fd") ? Directory.GetFiles("/proc/self/fd").Length : process.HandleCount,
            Threads = process.Threads.Count,
            Delivered = statistics?.Delivered ?? 0,
            Dropped = statistics?.Dropped ?? 0,
        };
    }
}
