using System;
using System.Collections.Generic;
using NLog.Targets.Loki.Testing;

namespace NLog.Targets.Loki.Tests.Faults;

/// <summary>What an HTTP server can answer (fault matrix, section 3.2).</summary>
internal static class AnswerRows
{
    public static IEnumerable<FaultRow> All =>
    [
        new("H1", "500 five times") { Provoke = scene => scene.Server.Faults.Respond(5, 500) },
        .. Each("H2", [502, 503, 504, 408, 425], status => new("", $"{status} once") { Provoke = scene => scene.Server.Faults.Respond(1, status) }),
        .. Each("H3", [501, 505, 404, 405, 410, 415], status => new("", $"{status} for two minutes")
        {
            Provoke = scene => scene.Server.Faults.Respond(LokiFaults.Always, status),
            Lasts = TimeSpan.FromMinutes(2),
            Step = TimeSpan.FromSeconds(1),
            MostRequests = 12,
        }),
    ];

    private static IEnumerable<FaultRow> Each(string id, int[] statuses, Func<int, FaultRow> row)
    {
        foreach (var status in statuses)
            yield return row(status) with { Id = id };
    }
}
