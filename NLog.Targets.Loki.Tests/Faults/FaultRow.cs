using System;
using System.Collections.Generic;
using System.Net.Http;

namespace NLog.Targets.Loki.Tests.Faults;

/// <summary>One row of the fault matrix as data: what goes wrong, for how long, and what is the most that may come of it.</summary>
/// <param name="Id">The row's number in the matrix; several, with spaces between, where one run shows more than one.</param>
/// <param name="What">What goes wrong.</param>
internal sealed record FaultRow(string Id, string What)
{
    /// <summary>The endpoint and settings, where the row needs other ones.</summary>
    public Action<LokiTarget, FaultScene>? Configure { get; init; }

    public Func<FaultScene, HttpMessageHandler>? Handler { get; init; }

    public required Action<FaultScene> Provoke { get; init; }

    public Action<FaultScene> Heal { get; init; } = scene => scene.Server.Faults.Clear();

    public Func<FaultScene, bool> HasFired { get; init; } = scene => scene.Server.Faults.Fired > 0;

    /// <summary>Lines logged and delivered before the fault; none for one that is there from the start.</summary>
    public int Before { get; init; } = 10;

    /// <summary>Lines logged at the beginning of the fault.</summary>
    public int Events { get; init; } = 100;

    /// <summary>Further lines logged in every second of the fault.</summary>
    public int EventsPerSecond { get; init; }

    /// <summary>Fills the lines logged under the fault up to this length.</summary>
    public int LineBytes { get; init; }

    /// <summary>Makes the events of the fault special; the number counts them from 0.</summary>
    public Action<LogEventInfo, int> Shape { get; init; } = (_, _) => { };

    /// <summary>On the test's clock, from the first line under the fault to its end.</summary>
    public TimeSpan Lasts { get; init; } = TimeSpan.FromSeconds(10);

    public TimeSpan Step { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Whether requests get stuck: the clock then moves on although they are under way.</summary>
    public bool Hangs { get; init; }

    /// <summary>Whether the lines of a stream are to be stored in the order they were logged.</summary>
    public bool InOrder { get; init; } = true;

    /// <summary>Exactly what is lost, by reason; nothing by default. Null stands for as many as the server lacks.</summary>
    public IReadOnlyDictionary<LokiDropReason, int?> Lost { get; init; } = new Dictionary<LokiDropReason, int?>();

    public long MostRequests { get; init; } = 25;

    public long MostResent { get; init; } = 10;

    public int LeastSaid { get; init; } = 1;

    public int MostSaid { get; init; } = 3;

    /// <summary>A piece of text that the internal log must hold.</summary>
    public string Says { get; init; } = "";

    /// <summary>What else is true in the end.</summary>
    public Action<FaultScene> Also { get; init; } = _ => { };

    /// <summary>A row for each of these cases.</summary>
    public static IEnumerable<FaultRow> Each<T>(IEnumerable<T> cases, Func<T, FaultRow> row)
    {
        foreach (var each in cases)
            yield return row(each);
    }

    public override string ToString() => $"{Id} {What}";
}
