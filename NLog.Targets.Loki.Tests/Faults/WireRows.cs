using System;
using System.Collections.Generic;
using System.IO.Compression;
using System.Linq;
using NLog.Targets.Loki.Testing;
using NUnit.Framework;

namespace NLog.Targets.Loki.Tests.Faults;

/// <summary>What becomes of a request, or of the bytes of its answer, on the way (fault matrix, section 3.1).</summary>
internal static class WireRows
{
    private const string Page = "<html><body>Please log in</body></html>";

    public static IEnumerable<FaultRow> All =>
    [
        new("N6", "accepted, read, never answered")
        {
            Provoke = scene => scene.Server.Faults.Hang(true),
            HasFired = scene => scene.Statistics.Errors > 0,
            Lasts = TimeSpan.FromSeconds(15),
            Hangs = true,
            Says = "no answer in time",
        },
        new("N6", "headers read, nothing else, no answer")
        {
            Provoke = scene => scene.Server.Faults.Add(new LokiFault { RequestBytes = 0, AnswerBytes = 0, Ending = LokiFaultEnding.Stall }, 2),
            Lasts = TimeSpan.FromSeconds(15),
            Hangs = true,
            Says = "no answer in time",
        },
        new("N8", "headers that drip")
        {
            Provoke = scene => scene.Server.Faults.Add(new LokiFault { Status = 503, AnswerBytesPerSecond = 1 }, 2),
            Lasts = TimeSpan.FromSeconds(15),
            Hangs = true,
            Says = "no answer in time",
        },
        new("N9 R16", "the body of an error that drips")
        {
            Provoke = scene => scene.Server.Faults.Add(new LokiFault { Raw = "HTTP/1.1 500 no\r\nContent-Length: 100000\r\n\r\n", Ending = LokiFaultEnding.Stall }, 2),
            Lasts = TimeSpan.FromSeconds(8),
            Hangs = true,
            Says = "500: the server failed",
            // Less than the time-out of the request: the status counts without the body.
            Also = scene => Assert.That(scene.Time.Elapsed, Is.LessThan(TimeSpan.FromSeconds(12))),
        },
        new("N10", "a server that reads a kilobyte a second")
        {
            Configure = (target, _) => target.CompressionLevel = CompressionLevel.NoCompression,
            Provoke = scene => scene.Server.Faults.Add(new LokiFault { RequestBytesPerSecond = 1000 }, LokiFaults.Always),
            Events = 400,
            LineBytes = 600,
            Lasts = TimeSpan.FromMinutes(1),
            Step = TimeSpan.FromSeconds(2),
            Hangs = true,
            // Requests that were given up are stored late, by a server that is slow to notice.
            MostResent = 20,
            Also = scene => Assert.That(scene.Server.Pushes.Select(push => push.EntryCount), Has.Some.EqualTo(100), "in halves"),
        },
        new("N14", "a captive portal")
        {
            Provoke = scene => scene.Server.Faults.Add(new LokiFault { Status = 200, Body = Page, Headers = [("Content-Type", "text/html")] }, 4),
            Says = "web page",
        },
        new("N14", "a captive portal whose page has no type")
        {
            Provoke = scene => scene.Server.Faults.Add(new LokiFault { Status = 200, Body = "\r\n" + Page, Headers = [("Content-Type", "")] }, 4),
            Says = "web page",
        },
        new("N15 H13", "a proxy that asks for credentials")
        {
            Provoke = scene => scene.Server.Faults.Respond(LokiFaults.Always, 407, Page, [("Proxy-Authenticate", "Basic realm=\"x\"")]),
            Lasts = TimeSpan.FromMinutes(2),
            MostRequests = 12,
            Says = "407: credentials refused",
        },
        new("N15", "a proxy whose origin is away")
        {
            Provoke = scene => scene.Server.Faults.Respond(5, 502, Page, [("Content-Type", "text/html")]),
        },
        .. FaultRow.Each(Malformed, answer => new("N16 R16", answer.What)
        {
            Provoke = scene => scene.Server.Faults.Add(new LokiFault { Raw = answer.Raw, Ending = LokiFaultEnding.Close }, 3),
        }),
    ];

    private static IEnumerable<(string What, string Raw)> Malformed =>
    [
        ("garbage for an answer", "\u0000\u00ff SSH-2.0-OpenSSH\r\n\r\n"),
        ("HTTP 0.9", "<h1>it works</h1>"),
        ("a header line of 64 KiB", $"HTTP/1.1 204 No Content\r\nX: {new string('x', 64 << 10)}\r\n\r\n"),
        ("ten thousand headers", $"HTTP/1.1 204 No Content\r\n{string.Concat(Enumerable.Range(0, 10_000).Select(i => $"X-{i}: {i}\r\n"))}\r\n"),
        ("a status of four digits", "HTTP/1.1 2040 No Content\r\n\r\n"),
        ("a status line without end", "HTTP/1.1 204 " + new string('x', 1 << 20)),
    ];
}
