using System;
using System.Collections.Generic;
using System.Linq;
using NLog.Targets.Loki;

namespace Costs;

/// <summary>Owns one run: the sink, the processes of each row, and their rounds, interleaved.</summary>
internal sealed class Run : IDisposable
{
    private const int WarmUps = 3;

    // Calls are short and so is what disturbs them: many small turns, or the luck of one moment is taken for a difference.
    private const int CallTurns = 40;

    private readonly List<WorkerProcesses> _workers = [];

    public SinkProcess Sink { get; } = new();

    public IReadOnlyList<WorkerProcesses> Workers => _workers;

    /// <summary>Rows that this build of the target has no setting for.</summary>
    public List<Row> Skipped { get; } = [];

    public WorkerProcesses? Find(string? name) => _workers.FirstOrDefault(worker => worker.Row.Name == name);

    /// <summary>Measures these rows and whatever is their floor.</summary>
    public void Measure(IEnumerable<Row> rows, IReadOnlyList<Row> all, int events, int rounds, int processes, bool isFullyCompiled = false)
    {
        var wanted = rows.ToList();
        wanted = all.Where(row => wanted.Contains(row) || wanted.Any(other => other.Floor == row.Name)).ToList();
        Skipped.AddRange(wanted.Where(row => !IsKnown(row)));
        foreach (var row in wanted.Except(Skipped))
            _workers.Add(new WorkerProcesses(row, Sink, processes: processes, isFullyCompiled: isFullyCompiled));
        // Code compiled in full needs only its pools filled.
        var warmUps = processes * (isFullyCompiled ? 1 : WarmUps);
        // ABCABC: whatever else the machine does falls on all rows alike.
        for (var round = -warmUps; round < processes * rounds; round++)
        {
            Console.Error.Write(round < 0 ? "w" : ".");
            foreach (var worker in _workers)
                worker.Round(Math.Max(1000, events / worker.Row.Fewer), isKept: round >= 0);
        }

        for (var turn = -processes; turn < CallTurns; turn++)
        {
            foreach (var worker in _workers.Where(worker => worker.Row is { Threads: 1, Streams: <= 10, Exception: false }))
                worker.Calls(isKept: turn >= 0);
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
}
