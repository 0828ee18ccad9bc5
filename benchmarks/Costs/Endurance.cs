using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Linq;
using System.Text.Json;
using System.Threading;
using System.Threading.Tasks;

namespace Costs;

/// <summary>The long run: one process that logs as fast as it can, first with the server up, then as long with it down.</summary>
internal static class Endurance
{
    private const int Samples = 12;

    /// <summary>Runs both halves and prints their series; false when something grew.</summary>
    public static bool Run(int seconds)
    {
        using var sink = new SinkProcess();
        // What does not fit is dropped and counted: with back-pressure nothing would be logged while the server is down.
        var row = Rows.All.First(row => row.Name == Rows.Plain).With(("overflowAction", "Discard"));
        using var worker = new WorkerProcess(row, sink, queueLimit: 100_000);
        worker.Round(100_000, isKept: false);
        Console.WriteLine(Table.Machine());
        var isSteady = Half(worker, "full speed", seconds);
        sink.Kill();
        isSteady &= Half(worker, "server down", seconds);
        Console.WriteLine(isSteady ? "\nNothing grew." : "\nSomething GREW: see above.");
        return isSteady;
    }

    /// <summary>In the process of the worker: logs so long, and returns the series.</summary>
    public static string Sample(Subject subject, Load load, TimeSpan duration)
    {
        using var stop = new CancellationTokenSource();
        using var end = new ManualResetEventSlim();
        var logging = Task.Factory.StartNew(() => load.RunUntil(stop.Token), TaskCreationOptions.LongRunning);
        var series = new List<EnduranceSample>();
        var started = Stopwatch.GetTimestamp();
        for (var i = 0; i < Samples; i++)
        {
            end.Wait(duration / Samples);
            series.Add(EnduranceSample.Take(Stopwatch.GetElapsedTime(started), (subject as NLogSubject)?.Statistics, (subject as NLogSubject)?.QueueBytes ?? 0));
        }

        stop.Cancel();
        logging.Wait();
        return JsonSerializer.Serialize(series);
    }

    private static bool Half(WorkerProcess worker, string name, int seconds)
    {
        var series = JsonSerializer.Deserialize<List<EnduranceSample>>(worker.Ask($"endure {seconds}"))!;
        Console.WriteLine();
        Table.Header(name + ", seconds", "working set, MiB", "GC heap, MiB", "large objects, MiB", "of them NLog's queue, MiB", "handles", "threads", "delivered", "dropped");
        foreach (var sample in series)
            Console.WriteLine(FormattableString.Invariant(
                $"| {sample.Seconds:F0} | {sample.WorkingSetMiB:F1} | {sample.HeapMiB:F1} | {sample.LargeMiB:F1} | {sample.QueueMiB:F1} | {sample.Handles} | {sample.Threads} | {sample.Delivered:N0} | {sample.Dropped:N0} |"));
        Console.WriteLine();
        // The first quarter fills queue and buffer to their limits; what comes later must stay.
        return Stays("working set", "MiB", series, sample => sample.WorkingSetMiB, 16)
            & Stays("GC heap", "MiB", series, sample => sample.HeapMiB, 16)
            & Stays("large objects but NLog's queue", "MiB", series, sample => sample.LargeMiB - sample.QueueMiB, 4)
            & Stays("handles", "", series, sample => sample.Handles, 4)
            & Stays("threads", "", series, sample => sample.Threads, 4);
    }

    private static bool Stays(string name, string unit, List<EnduranceSample> series, Func<EnduranceSample, double> figure, double slack)
    {
        var third = (series.Count - (series.Count / 4)) / 3;
        var early = Median.Of([.. series.Skip(series.Count / 4).Take(third).Select(figure)]);
        var late = Median.Of([.. series.TakeLast(third).Select(figure)]);
        var stays = late <= (early * 1.1) + slack;
        Console.WriteLine(FormattableString.Invariant($"{name}: {early:F1} {unit} early, {late:F1} {unit} late{(stays ? "" : ": GREW")}").Replace("  ", " ", StringComparison.Ordinal));
        return stays;
    }
}
