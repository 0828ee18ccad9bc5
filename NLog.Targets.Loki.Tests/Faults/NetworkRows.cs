using System;
using System.Collections.Generic;
using NLog.Targets.Loki.Testing;

namespace NLog.Targets.Loki.Tests.Faults;

/// <summary>What a network can do (fault matrix, section 3.1).</summary>
internal static class NetworkRows
{
    public static IEnumerable<FaultRow> All =>
    [
        new("N1", "connections refused for ten minutes")
        {
            Provoke = scene => scene.Server.Stop(),
            Heal = scene => scene.Server.Restart(),
            HasFired = scene => scene.Statistics.Errors > 2,
            Lasts = TimeSpan.FromMinutes(10),
            Step = TimeSpan.FromSeconds(1),
            MostRequests = 40,
            MostResent = 30,
        },
        new("N5", "stored, then reset before the status")
        {
            Provoke = scene => scene.Server.Faults.StoreThenAbort(1),
            HasFired = scene => scene.Server.DuplicatesRefused > 0,
            MostResent = 1,
        },
        new("N6", "accepted, read, never answered")
        {
            Provoke = scene => scene.Server.Faults.Hang(true),
            HasFired = scene => scene.Statistics.Errors > 0,
            Lasts = TimeSpan.FromSeconds(15),
        },
    ];
}
