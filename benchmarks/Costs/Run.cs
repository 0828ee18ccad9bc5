using System;
using System.Collections.Generic;
using System.Linq;
using NLog.Targets.Loki;

namespace Costs;

/// <summary>One run: the sink, a process for each row, and their rounds, interleaved.</summary>
internal sealed class Run : IDisposable
{
    private const int WarmUps = 3;

    // Calls are short and so is what disturbs them: many small turns, or the luck of one moment is taken for a difference.
    private const int CallTurns = 14;

    private readonly List<WorkerProcess> _workers = [];

    public SinkProcess Sink { get; } = new();

    public IReadOnlyList<WorkerProcess> Workers => _workers;

    /// <summary>Rows that this build of the target has no setting for.</summary>
    public List<Row> Skipped { get; } = [];

    public WorkerProcess? Find(string? name) => _workers.FirstOrDefault(worker => worker.Row.Name == name);

    /// <summary>Measures these rows and whatever is their floor.</summary>
    public void Measure(IEnumerable<Row> rows, IReadOnlyList<Row> all, int events, int rounds, int processes, bool isFullyCompiled = false)
    {
        var wanted = rows.ToList();
        wanted = all.Where(row => wanted.Contains(row) || wanted.Any(other => other.Floor == row.Name)).ToList();
        Skipped.AddRange(wanted.Where(row => !IsKnown(row)));
        foreach (var row in wanted.Except(Skipped))
            _workers.Add(new WorkerProcess(row, Sink, isFullyCompiled: isFullyCompiled));
        for (var generation = 0; generation < processes; generation++)
        {
            if (generation > 0)
                _workers.ForEach(worker => worker.Renew());
            // Code compiled in full needs only its pools filled.
            MeasureOnce(events, rounds, isFullyCompiled ? 1 : WarmUps);
        }

        Console.Error.WriteLine();
    }

    public void Dispose()
    {
        foreach (var worker in _workers)
            worker.Dispose();
        Sink.Dispose();
    }

    /// <summary>Whether this build of the target has every setting of the row.</summary>
    public static bool IsKnown(Row row) => !row.Settings.ContainsKey("format") || typeof(LokiTarget).GetProperty("Format") is not null;

    // ABCABC: whatever else the machine does falls on all rows alike.
    private void MeasureOnce(int events, int rounds, int warmUps)
    {
        for (var round = -warmUps; round < rounds; round++)
        {
            Console.Error.Write(round < 0 ? "w" : ".");
            foreach (var worker in _workers)
                worker.Round(Math.Max(1000, events / worker.Row.Fewer), isKept: round >= 0);
        }

        for (var turn = -1; turn < CallTurns; turn++)
        {
            foreach (var worker in _workers.Where(worker => worker.Row is { Threads: 1, Streams: <= 10, Exception: false }))
                worker.Calls(isKept: turn >= 0);
        }
    }
}
