using System;
using System.Collections.Generic;
using System.Net.Http;

namespace NLog.Targets.Loki.Tests.Faults;

/// <summary>One row of the fault matrix as data: what goes wrong, for how long, and what is the most that may come of it.</summary>
internal sealed record FaultRow(string Id, string What)
{
    /// <summary>The endpoint and settings, where the row needs other ones.</summary>
    public Action<LokiTarget, FaultScene>? Configure { get; init; }

    public Func<HttpMessageHandler>? Handler { get; init; }

    public required Action<FaultScene> Provoke { get; init; }

    public Action<FaultScene> Heal { get; init; } = scene => scene.Server.Faults.Clear();

    public Func<FaultScene, bool> HasFired { get; init; } = scene => scene.Server.Faults.Fired > 0;

    /// <summary>Lines logged under the fault.</summary>
    public int Events { get; init; } = 100;

    /// <summary>On the test's clock, from the first line under the fault to its end.</summary>
    public TimeSpan Lasts { get; init; } = TimeSpan.FromSeconds(10);

    public TimeSpan Step { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>Exactly what is lost, by reason; nothing by default.</summary>
    public IReadOnlyDictionary<LokiDropReason, int> Lost { get; init; } = new Dictionary<LokiDropReason, int>();

    public long MostRequests { get; init; } = 25;

    public long MostResent { get; init; } = 10;

    public int LeastSaid { get; init; } = 1;

    public int MostSaid { get; init; } = 6;

    public override string ToString() => $"{Id} {What}";
}
