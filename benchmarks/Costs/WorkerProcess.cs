using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text.Json;

namespace Costs;

/// <summary>Owns the process of one row and what it measured.</summary>
internal sealed class WorkerProcess : ChildProcess
{
    private readonly SinkProcess _sink;
    private SinkProcess.Counters _last;

    public WorkerProcess(Row row, SinkProcess sink, int queueLimit)
        : base("worker", JsonSerializer.Serialize(row), sink.Port.ToString(CultureInfo.InvariantCulture), queueLimit.ToString(CultureInfo.InvariantCulture))
    {
        Row = row;
        _sink = sink;
        if (Read() is not Worker.Ready and var answer)
            throw new InvalidOperationException(answer);
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

    public double ThreadBytes => Of(round => (double)round.ThreadBytes / round.Events);

    public double CallNanoseconds => Of(round => round.CallNanoseconds);

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

    private double Of(Func<Measurement, double> figure) => Median.Of([.. Rounds.Select(figure)]);
}
