using System;
using System.Collections.Generic;
using System.IO.Compression;
using System.Linq;
using NLog.Targets.Loki.Testing;
using NLog.Targets.Loki.Tests.Support;
using NUnit.Framework;

namespace NLog.Targets.Loki.Tests.Faults;

/// <summary>Requests that Loki, or a gateway before it, takes in part or not at all (fault matrix, section 3.2).</summary>
internal static class RefusalRows
{
    private const string Bad = "breaks-the-server";

    public static IEnumerable<FaultRow> All =>
    [
        new("H7", "429 after everything was stored")
        {
            Provoke = scene => scene.Server.Faults.StoreThenFail(3, 429),
            MostResent = 3,
            Also = NetworkRows.ResentAreTheDuplicates,
        },
        new("H7", "429 by the limit of a stream, after a part was stored")
        {
            Configure = (target, _) => target.BatchSize = 10,
            Provoke = scene => scene.Server.Limits = scene.Server.Limits with { ShardStreamsEnabled = false, PerStreamRateLimit = 1000, PerStreamRateLimitBurst = 3000 },
            LineBytes = 150,
            Heal = scene => scene.Server.Limits = new LokiLimits().WithoutRates(),
            HasFired = scene => scene.Server.Pushes.Any(push => push.Status == 429) && scene.Server.DuplicatesRefused > 0,
            Lasts = TimeSpan.FromMinutes(2),
            MostRequests = 80,
            MostResent = 60,
            MostSaid = 5,
        },
        new("H8", "three lines of a thousand are too long for this tenant")
        {
            Provoke = scene => scene.Server.Limits = scene.Server.Limits with { MaxLineSize = 200 },
            Heal = _ => { },
            HasFired = scene => scene.Server.Discarded.Count > 0,
            Events = 1000,
            Shape = (logEvent, i) => logEvent.Message += i is 100 or 355 or 900 ? new string('x', 300) : "",
            Lost = Lost(LokiDropReason.Rejected, 3),
            // Loki's text says how many, so that nothing need be halved.
            MostRequests = 10,
            MostResent = 0,
        },
        new("H8", "three lines of a thousand are refused without a word")
        {
            Configure = (target, _) => target.CompressionLevel = CompressionLevel.NoCompression,
            Handler = _ => new Picky(Bad, 400),
            Provoke = _ => { },
            HasFired = scene => scene.Statistics.Errors > 2,
            Events = 1000,
            Shape = (logEvent, i) => logEvent.Message += i is 100 or 355 or 900 ? Bad : "",
            Lost = Lost(LokiDropReason.Rejected, 3),
            MostRequests = 61 + 8,
            MostResent = 60,
        },
        new("H9", "400 for the labels of one stream")
        {
            Provoke = scene => scene.Server.Faults.Add(
                new LokiFault { Status = 400, Body = "couldn't parse labels: 1:4: parse error" }, LokiFaults.Always, push => push.Streams.Any(labels => labels["level"] == "warn")),
            Lost = Lost(LokiDropReason.Rejected, 50),
            MostResent = 0,
        },
        new("H10", "400 for everything")
        {
            Provoke = scene => scene.Server.Faults.Respond(LokiFaults.Always, 400, "no"),
            Events = 1000,
            EventsPerSecond = 2,
            Lasts = TimeSpan.FromMinutes(5),
            Lost = Lost(LokiDropReason.Rejected, null),
            MostRequests = 75,
            MostResent = 75,
            MostSaid = 12,
            Says = "cannot deliver: 400",
        },
        new("H11", "a tenth of the lines is eight days old")
        {
            Provoke = _ => { },
            HasFired = scene => scene.Server.Discarded.Count > 0,
            Shape = (logEvent, i) => logEvent.TimeStamp = i % 10 == 0 ? logEvent.TimeStamp.AddDays(-8) : logEvent.TimeStamp,
            Lost = Lost(LokiDropReason.TooOld, 10),
            MostResent = 0,
            MostRequests = 10,
        },
        new("H11", "a tenth of the lines is two hours behind their stream")
        {
            Provoke = _ => { },
            HasFired = scene => scene.Server.Discarded.Count > 0,
            Shape = (logEvent, i) => logEvent.TimeStamp = i % 10 == 0 ? logEvent.TimeStamp.AddHours(-2) : logEvent.TimeStamp,
            Lost = Lost(LokiDropReason.TooOld, 10),
            MostResent = 0,
            MostRequests = 10,
        },
        new("H12", "a gateway that takes no more than 20,000 bytes")
        {
            Configure = (target, _) => (target.CompressionLevel, target.TaskDelayMilliseconds) = (CompressionLevel.NoCompression, 1000),
            Provoke = scene => Refuse(scene, over: 20_000),
            Events = 1000,
            LineBytes = 100,
            EventsPerSecond = 100,
            Lasts = TimeSpan.FromSeconds(30),
            MostRequests = 250,
            MostResent = 120,
            Also = scene => Assert.That(scene.Server.Pushes.Count(push => push.Status == 413), Is.LessThan(20), "learned once"),
        },
        new("H12", "a line that no gateway lets through")
        {
            Configure = (target, _) => target.CompressionLevel = CompressionLevel.NoCompression,
            Provoke = scene => Refuse(scene, over: 20_000),
            Shape = (logEvent, i) => logEvent.Message += i == 50 ? new string('x', 30_000) : "",
            Lost = Lost(LokiDropReason.OversizeEntry, 1),
            MostRequests = 30,
            MostResent = 20,
        },
        new("H1 Poison", "a short line that breaks the server while longer ones pass")
        {
            Configure = (target, _) => target.CompressionLevel = CompressionLevel.NoCompression,
            Handler = _ => new Picky(Bad, 500),
            Provoke = _ => { },
            HasFired = scene => scene.Statistics.Errors > 2,
            Shape = (logEvent, i) => logEvent.Message = i == 50 ? Bad + " {number}" : logEvent.Message,
            LineBytes = 300,
            EventsPerSecond = 2,
            Lasts = TimeSpan.FromMinutes(2),
            Lost = Lost(LokiDropReason.Poison, 1),
            MostRequests = 400,
            MostResent = 60,
            MostSaid = 6,
        },
        new("H9", "260, an operator's block")
        {
            Provoke = scene => scene.Server.Limits = scene.Server.Limits with { BlockIngestionUntil = scene.Time.GetUtcNow().AddSeconds(5) },
            HasFired = scene => scene.Statistics.Rejected > 0,
            Lost = Lost(LokiDropReason.Blocked, 100),
            MostResent = 0,
            Says = "blocks ingestion",
        },
    ];

    private static Dictionary<LokiDropReason, int?> Lost(LokiDropReason reason, int? count) => new() { [reason] = count };

    private static void Refuse(FaultScene scene, int over) =>
        scene.Server.Faults.Add(new LokiFault { Status = 413 }, LokiFaults.Always, push => long.Parse(push.Headers["Content-Length"]) > over);
}
