using System;
using System.Collections.Generic;
using System.Linq;
using NLog.Targets.Loki.Testing;
using NUnit.Framework;

namespace NLog.Targets.Loki.Tests.Faults;

/// <summary>How long to wait, and how often to ask, while a server says no (fault matrix, sections 3.2 and 3.4).</summary>
internal static class PacingRows
{
    private const int Seed = 20261121;

    public static IEnumerable<FaultRow> All =>
    [
        RetryAfter("H4", "7", 7, 7.1),
        RetryAfter("H5", "0", 0.1, 0.2),
        RetryAfter("H5", "-5", 0.1, 1),
        RetryAfter("H5", "1000000000", 300, 300.1),
        RetryAfter("H5", "99999999999999999999", 0.1, 300.1),
        RetryAfter("H5", "soon", 0.25, 0.6),
        RetryAfter("H5", "", 0.25, 0.6),
        RetryAfter("H5", "1.5", 0.25, 2),
        Pausing("H5", "Retry-After twice", _ => [("Retry-After", "3"), ("Retry-After", "40")], 0.1, 41),
        Pausing("H5", "Retry-After as a date in a minute", scene => [("Retry-After", scene.Time.GetUtcNow().AddSeconds(60).ToString("R"))], 58, 61),
        Pausing("H5", "Retry-After as a date in a year", scene => [("Retry-After", scene.Time.GetUtcNow().AddYears(1).ToString("R"))], 300, 300.1),
        Pausing("H5", "Retry-After as a date an hour ago", scene => [("Retry-After", scene.Time.GetUtcNow().AddHours(-1).ToString("R"))], 0.1, 0.2),
        .. FaultRow.Each([429, 503], status => new("H6", $"{status} for ten minutes at a hundred lines a second")
        {
            Configure = (target, _) => target.BufferLimitBytes = 64 << 20,
            Provoke = scene => scene.Server.Faults.Respond(LokiFaults.Always, status),
            EventsPerSecond = 100,
            Step = TimeSpan.FromSeconds(5),
            Lasts = TimeSpan.FromMinutes(10),
            MostRequests = 50,
            MostResent = 30,
            MostSaid = 6,
            Also = scene => Assert.That(scene.Server.Pushes.Count(push => push.Status == status), Is.LessThanOrEqualTo(26), "a storm is not answered with one"),
        }),
        new("H6", "503 for ten minutes at a hundred lines a second and a small buffer")
        {
            Configure = (target, _) => target.BufferLimitBytes = 1 << 20,
            Provoke = scene => scene.Server.Faults.Respond(LokiFaults.Always, 503),
            EventsPerSecond = 100,
            Step = TimeSpan.FromSeconds(5),
            Lasts = TimeSpan.FromMinutes(10),
            Lost = new Dictionary<LokiDropReason, int?> { [LokiDropReason.BufferFull] = null },
            MostRequests = 60,
            MostResent = 26,
            MostSaid = 12,
            Says = "buffer is full|buffer of 1048576 bytes is full",
            Also = TheNewestAreKept,
        },
        new("H19", "every other answer a failure for an hour")
        {
            Configure = (target, _) => target.TaskDelayMilliseconds = 10_000,
            Provoke = scene =>
            {
                TestContext.Out.WriteLine("seed " + Seed);
                var random = new Random(Seed);
                scene.Server.Faults.Add(new LokiFault { Stores = true, Status = 500 }, LokiFaults.Always, _ => Next(random) < 0.1);
                scene.Server.Faults.Add(new LokiFault { Status = 503 }, LokiFaults.Always, _ => Next(random) < 0.4);
            },
            EventsPerSecond = 1,
            Step = TimeSpan.FromSeconds(30),
            Lasts = TimeSpan.FromHours(1),
            MostRequests = 2000,
            MostResent = 1000,
            MostSaid = 15,
            Also = scene => Assert.That(scene.Statistics.Errors, Is.LessThan(0.55 * scene.Statistics.Requests), "goodput"),
        },
        new("Q6", "taskTimeoutSeconds passes while requests hang")
        {
            Configure = (target, _) => target.TaskTimeoutSeconds = 1,
            Provoke = scene => scene.Server.Faults.Hang(true),
            HasFired = scene => scene.Statistics.Errors >= 2,
            Hangs = true,
            Says = "no answer in time",
        },
    ];

    private static FaultRow RetryAfter(string id, string value, double least, double most) =>
        Pausing(id, $"Retry-After '{value}'", _ => [("Retry-After", value)], least, most);

    private static FaultRow Pausing(string id, string what, Func<FaultScene, (string, string)[]> headers, double least, double most) => new(id, "429 with " + what)
    {
        Provoke = scene => scene.Server.Faults.Respond(1, 429, headers: headers(scene)),
        Lasts = TimeSpan.FromMinutes(6),
        MostResent = 1,
        Also = scene =>
        {
            var pushes = scene.Server.Pushes;
            var refused = pushes.Single(push => push.Status == 429);
            var next = pushes.Where(push => push.ArrivedAt > refused.ArrivedAt).Min(push => push.ArrivedAt);
            Assert.That((next - refused.ArrivedAt).TotalSeconds, Is.InRange(least, most), "seconds until the next request");
        },
    };

    private static void TheNewestAreKept(FaultScene scene)
    {
        foreach (var stream in scene.Server.Entries.GroupBy(entry => entry.Labels["level"]))
        {
            var kept = stream.Select(entry => int.Parse(entry.Metadata["number"])).Where(number => number >= 10).ToList();
            Assert.That(kept.Max() - kept.Min(), Is.EqualTo(2 * (kept.Count - 1)), "without a gap within stream " + stream.Key);
        }
    }

    private static double Next(Random random)
    {
        lock (random)
            return random.NextDouble();
    }
}
