using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text.Json;

namespace Costs;

/// <summary>
/// Owns the processes of one row, which take turns, and what they measured. What the compiler makes of one and the same code differs from
/// process to process, by a quarter of the time it takes.
/// </summary>
internal sealed class WorkerProcesses : IDisposable
{
    /// <summary>AsyncWrapper's default. A deep queue would mostly measure how the collector copies what waits in it.</summary>
    public const int DefaultQueueLimit = 10_000;

    private readonly SinkProcess _sink;
    private readonly List<ChildProcess> _processes = [];
    private readonly List<CallCost> _calls = [];
    private int _turn;
    private SinkProcess.Counters _last;

    /// <param name="row">What it measures.</param>
    /// <param name="sink">Where it sends.</param>
    /// <param name="queueLimit">Events that may wait.</param>
    /// <param name="processes">How many.</param>
    /// <param name="isFullyCompiled">Whether all code is compiled in full at once: the same code in every run.</param>
    public WorkerProcesses(Row row, SinkProcess sink, int queueLimit = DefaultQueueLimit, int processes = 1, bool isFullyCompiled = false)
    {
        Row = row;
        _sink = sink;
        for (var i = 0; i < processes; i++)
        {
            var process = new ChildProcess(isFullyCompiled,
                "worker", JsonSerializer.Serialize(row), sink.Port.ToString(CultureInfo.InvariantCulture), queueLimit.ToString(CultureInfo.InvariantCulture));
            _processes.Add(process);
            if (process.Read() is not Worker.Ready and var answer)
                throw new InvalidOperationException(answer);
        }
    }

    public Row Row { get; }

    public List<Measurement> Rounds { get; } = [];

    /// <summary>What the last round sent, an event.</summary>
    public double SentBytes { get; private set; }

    /// <summary>Requests of the last round.</summary>
    public long Requests => _last.Requests;

    /// <summary>The first thing that went wrong in a measured round.</summary>
    public string? Problem => Rounds.Select(round => round.Problem).FirstOrDefault(problem => problem is not null);

    public double CpuMicroseconds => Of(round => round.CpuMicroseconds / round.Events);

    public double Bytes => Of(round => (double)round.Allocated / round.Events);

    /// <summary>A call on the logging thread; null when it is not measured.</summary>
    public double? CallBytes => _calls.Count == 0 ? null : Median.Of([.. _calls.Select(call => call.Bytes)]);

    public double? CallNanoseconds => _calls.Count == 0 ? null : Median.Of([.. _calls.Select(call => call.Nanoseconds)]);

    public double EventsPerSecond => Of(round => round.Events / round.WallMilliseconds * 1000);

    public double Collections => Of(round => round.Collections);

    public double Contentions => Of(round => (double)round.Contentions / round.Events * 1000);

    public long LargeBefore => Rounds[^1].LargeBefore;

    public long LargeAfter => Rounds[^1].LargeAfter;

    /// <summary>One round. What warms up is not kept.</summary>
    public void Round(int events, bool isKept)
    {
        var before = _sink.Counts;
        var measured = JsonSerializer.Deserialize<Measurement>(Ask("round " + events.ToString(CultureInfo.InvariantCulture)))!;
        _last = _sink.Counts - before;
        SentBytes = (double)_last.Bytes / events;
        if (!Row.IsFloor && measured.Problem is null)
        {
            if (_last.Requests == 0)
                measured.Problem = "no request arrived";
            else if (Row.Engine == Engine.Otlp && _last.Records != events)
                measured.Problem = $"{_last.Records} of {events} events arrived";
        }

        if (isKept || measured.Problem is not null)
            Rounds.Add(measured);
    }

    public void Calls(bool isKept)
    {
        var measured = JsonSerializer.Deserialize<CallCost>(Ask("calls 1"))!;
        if (isKept)
            _calls.Add(measured);
    }

    /// <summary>Asks the process whose turn it is.</summary>
    public string Ask(string line) => _processes[_turn++ % _processes.Count].Ask(line);

    public void Dispose() => _processes.ForEach(process => process.Dispose());

    private double Of(Func<Measurement, double> figure) => Median.Of([.. Rounds.Select(figure)]);
}
