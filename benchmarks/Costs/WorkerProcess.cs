using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text.Json;

namespace Costs;

/// <summary>
/// The process of one row and what it measured. One process after another may measure it: the same row differs by a quarter from
/// process to process.
/// </summary>
internal sealed class WorkerProcess : IDisposable
{
    /// <summary>AsyncWrapper's default. A deep queue would mostly measure how the collector copies what waits in it.</summary>
    public const int DefaultQueueLimit = 10_000;

    private readonly SinkProcess _sink;
    private readonly int _queueLimit;
    private readonly bool _isFullyCompiled;
    private readonly List<CallCost> _calls = [];
    private ChildProcess _process;
    private SinkProcess.Counters _last;

    /// <param name="row">What it measures.</param>
    /// <param name="sink">Where it sends.</param>
    /// <param name="queueLimit">Events that may wait.</param>
    /// <param name="isFullyCompiled">Whether all code is compiled in full at once: the same code in every run.</param>
    public WorkerProcess(Row row, SinkProcess sink, int queueLimit = DefaultQueueLimit, bool isFullyCompiled = false)
    {
        Row = row;
        _sink = sink;
        _queueLimit = queueLimit;
        _isFullyCompiled = isFullyCompiled;
        _process = Start();
    }

    public Row Row { get; }

    public List<Measurement> Rounds { get; } = [];

    /// <summary>Which process measures now, counted from zero.</summary>
    public int Generation { get; private set; }

    /// <summary>What the last round sent, an event.</summary>
    public double SentBytes { get; private set; }

    /// <summary>Requests of the last round.</summary>
    public long Requests => _last.Requests;

    /// <summary>The first thing that went wrong in a measured round.</summary>
    public string? Problem => Rounds.Select(round => round.Problem).FirstOrDefault(problem => problem is not null);

    public double CpuMicroseconds => Of(CpuOf);

    /// <summary>The same of one process alone.</summary>
    public double CpuMicrosecondsOf(int generation) => Median.Of([.. Rounds.Where(round => round.Generation == generation).Select(CpuOf)]);

    public double Bytes => Of(round => (double)round.Allocated / round.Events);

    /// <summary>A call on the logging thread; null when it is not measured.</summary>
    public double? CallBytes => _calls.Count == 0 ? null : Median.Of([.. _calls.Select(call => call.Bytes)]);

    public double? CallNanoseconds => _calls.Count == 0 ? null : Median.Of([.. _calls.Select(call => call.Nanoseconds)]);

    public double EventsPerSecond => Of(round => round.Events / round.WallMilliseconds * 1000);

    public double Collections => Of(round => round.Collections);

    public double Contentions => Of(round => (double)round.Contentions / round.Events * 1000);

    /// <summary>The round that left the most on the large object heap.</summary>
    public Measurement Largest => Rounds.MaxBy(round => round.LargeAfter)!;

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

        measured.Generation = Generation;
        if (isKept || measured.Problem is not null)
            Rounds.Add(measured);
    }

    public void Calls(bool isKept)
    {
        var measured = JsonSerializer.Deserialize<CallCost>(Ask("calls 1"))!;
        if (isKept)
            _calls.Add(measured);
    }

    public string Ask(string line) => _process.Ask(line);

    /// <summary>Goes on with a new process.</summary>
    public void Renew()
    {
        _process.Dispose();
        _process = Start();
        Generation++;
    }

    public void Dispose() => _process.Dispose();

    private ChildProcess Start()
    {
        var process = new ChildProcess(_isFullyCompiled,
            "worker", JsonSerializer.Serialize(Row), _sink.Port.ToString(CultureInfo.InvariantCulture), _queueLimit.ToString(CultureInfo.InvariantCulture));
        if (process.Read() is not Worker.Ready and var answer)
            throw new InvalidOperationException(answer);
        return process;
    }

    private static double CpuOf(Measurement round) => round.CpuMicroseconds / round.Events;

    private double Of(Func<Measurement, double> figure) => Median.Of([.. Rounds.Select(figure)]);
}
