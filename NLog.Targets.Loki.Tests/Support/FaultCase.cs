using System;
using System.Collections.Generic;
using System.Linq;
using NLog.Targets.Loki.Testing;

namespace NLog.Targets.Loki.Tests.Support;

/// <summary>One fault, what a client without any care of its own sees of it, and what becomes of the target's lines.</summary>
/// <param name="Name">Names the case.</param>
/// <param name="Fault">What the server does.</param>
/// <param name="Seen">The status that HttpClient sees; 0 if it sees none.</param>
/// <param name="End">What becomes of the lines.</param>
public sealed record FaultCase(string Name, LokiFault Fault, int Seen, FaultEnd End = FaultEnd.Arrives)
{
    private const string Ok = "HTTP/1.1 204 No Content\r\n\r\n";
    private const string Page = "<html><body>Please log in</body></html>";

    /// <summary>The category of the row of the delivery contract (docs/delivery.md) that the answer belongs to.</summary>
    public string Decision => Seen switch
    {
        204 => "Answer204",
        260 => "Answer260",
        >= 200 and < 300 => "AnswerOther2xx",
        429 => "Answer429",
        413 => "AnswerTooLarge",
        400 or 422 => "Answer400",
        401 or 403 or 407 => "AnswerCredentials",
        0 or 408 or 425 or (>= 500 and not (501 or 505)) => "AnswerRetry",
        _ => "AnswerMisdirected",
    };

    public static IReadOnlyList<FaultCase> All { get; } = [.. Statuses(), .. RetryAfter(), .. Redirects(), .. Bodies(), .. Malformed(), .. Connections()];

    public override string ToString() => Name;

    private static IEnumerable<FaultCase> Statuses()
    {
        foreach (var status in new[] { 401, 403, 404, 405, 407, 408, 410, 413, 415, 418, 425, 429, 500, 501, 502, 503, 504, 505, 599 })
            yield return new($"{status}", new LokiFault { Status = status, Body = "no" }, status);
        // The halves of a batch that was refused without a reason pass.
        yield return new("400", new LokiFault { Status = 400, Body = "no" }, 400);
        yield return new("400 for the labels", new LokiFault { Status = 400, Body = "couldn't parse labels: 1:4" }, 400, FaultEnd.Rejected);
        yield return new("422", new LokiFault { Status = 422, Body = "error at least one valid stream is required for ingestion" }, 422, FaultEnd.Rejected);
        yield return new("260", new LokiFault { Status = 260, Body = "blocked" }, 260, FaultEnd.Rejected);
        yield return new("400 of a proxy", new LokiFault { Status = 400, Body = Page, Headers = [("Content-Type", "text/html")] }, 400);
        yield return new("captive portal", new LokiFault { Status = 200, Body = Page, Headers = [("Content-Type", "text/html; charset=utf-8")] }, 200);
        yield return new("captive portal without a type", new LokiFault { Status = 200, Body = "\n" + Page, Headers = [("Content-Type", "")] }, 200);
        yield return new("204 for nothing", new LokiFault { Stores = false }, 204, FaultEnd.Believed);
        yield return new("200 with a body", new LokiFault { Status = 200, Body = "{}" }, 200, FaultEnd.Believed);
        yield return new("stored, then 500", new LokiFault { Stores = true, Status = 500 }, 500);
        yield return new("stored, then 429", new LokiFault { Stores = true, Status = 429 }, 429);
    }

    private static IEnumerable<FaultCase> RetryAfter()
    {
        var past = DateTimeOffset.UtcNow.AddHours(-1).ToString("R");
        var future = DateTimeOffset.UtcNow.AddHours(1).ToString("R");
        foreach (var status in new[] { 429, 503 })
        {
            foreach (var value in new[] { "0", "1", "-5", "1000000000", "99999999999999999999", "soon", "1.5", "", past, future })
                yield return new($"{status} Retry-After '{value}'", new LokiFault { Status = status, Headers = [("Retry-After", value)] }, status);
            yield return new($"{status} Retry-After twice", new LokiFault { Status = status, Headers = [("Retry-After", "1"), ("Retry-After", "0")] }, status);
        }
    }

    private static IEnumerable<FaultCase> Redirects() =>
        new[] { 300, 301, 302, 303, 304, 307, 308 }.Select(status =>
            new FaultCase($"{status} to another host", new LokiFault { Status = status, Headers = [("Location", "http://127.0.0.2:1/elsewhere")] }, status));

    private static IEnumerable<FaultCase> Bodies()
    {
        yield return new("500 with 8 MiB", new LokiFault { Status = 500, Body = "0123456789", BodyLength = 8 << 20 }, 500);
        yield return new("500 without end", new LokiFault { Status = 500, BodyLength = LokiFault.Endless }, 500);
        yield return new("429 without end", new LokiFault { Status = 429, BodyLength = LokiFault.Endless }, 429);
        yield return new("204 without end", new LokiFault { Status = 204, Stores = true, BodyLength = LokiFault.Endless }, 204);
        yield return new("500 with a gzip bomb", new LokiFault { Status = 500, BodyLength = 1L << 30, Gzip = true }, 500);
        yield return new("500 with an endless gzip bomb", new LokiFault { Status = 500, BodyLength = LokiFault.Endless, Gzip = true }, 500);
        yield return new("500 whose body stalls", new LokiFault { Status = 500, Body = new string('x', 1000), AnswerBytes = 500, Ending = LokiFaultEnding.Stall }, 500);
        yield return new("500 whose body is reset", new LokiFault { Status = 500, Body = new string('x', 1000), AnswerBytes = 500, Ending = LokiFaultEnding.Reset }, 500);
        yield return new("503 whose body drips", new LokiFault { Status = 503, Body = new string('x', 100_000), AnswerBytesPerSecond = 2000 }, 503);
    }

    private static IEnumerable<FaultCase> Malformed()
    {
        yield return Raw("garbage", "\u0000\u00ff SSH-2.0-OpenSSH\r\n\r\n", 0);
        yield return Raw("HTTP 0.9", "<h1>it works</h1>", 0);
        yield return Raw("HTTP/1.0 500", "HTTP/1.0 500 no\r\n\r\nno", 500);
        yield return Raw("HTTP/1.0 204, stored", "HTTP/1.0 204 No Content\r\n\r\n", 204, stores: true);
        yield return Raw("status of four digits", "HTTP/1.1 5000 no\r\n\r\n", 0);
        yield return Raw("status of letters", "HTTP/1.1 abc no\r\n\r\n", 0);
        yield return Raw("header without a colon", "HTTP/1.1 500 no\r\nno colon here\r\nContent-Length: 0\r\n\r\n", 0);
        yield return Raw("header with a zero byte", "HTTP/1.1 500 no\r\nX-\u0000: \u0000\r\nContent-Length: 0\r\n\r\n", 0);
        yield return Raw("header of 128 KiB", $"HTTP/1.1 500 no\r\nX: {new string('x', 128 << 10)}\r\nContent-Length: 0\r\n\r\n", 0);
        yield return Raw("200 cut before the end of its headers", "HTTP/1.1 200 OK\r\nContent-Le", 0);
        yield return Raw("Content-Length too long", "HTTP/1.1 500 no\r\nContent-Length: 100\r\n\r\nno", 500);
        yield return Raw("Content-Length too short", "HTTP/1.1 500 no\r\nContent-Length: 1\r\n\r\nno and more", 500, LokiFaultEnding.KeepAlive);
        yield return Raw("Content-Length of letters", "HTTP/1.1 500 no\r\nContent-Length: many\r\n\r\nno", 500);
        yield return Raw("chunk size of letters", "HTTP/1.1 500 no\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nno\r\n", 500);
        yield return Raw("last chunk missing", "HTTP/1.1 500 no\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nno\r\n", 500);
        yield return Raw("200 with a body cut off", "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 1000\r\n\r\n<html>", 200);
        yield return Raw("200 whose page stalls before its first byte", "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 1000\r\n\r\n", 200, LokiFaultEnding.Stall);
        yield return Raw("200 whose page is reset before its first byte", "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 1000\r\n\r\n", 200, LokiFaultEnding.Reset);
        yield return Raw("103 before 204, stored", "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" + Ok, 204, LokiFaultEnding.KeepAlive, stores: true);
        yield return Raw("100 a hundred times before 503", string.Concat(Enumerable.Repeat("HTTP/1.1 100 Continue\r\n\r\n", 100)) + "HTTP/1.1 503 no\r\nContent-Length: 0\r\n\r\n", 503, LokiFaultEnding.KeepAlive);
        yield return Raw("100 and nothing more", "HTTP/1.1 100 Continue\r\n\r\n", 0);
        yield return Raw("204 with a body, stored", "HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\nhello", 204, LokiFaultEnding.KeepAlive, stores: true);
        yield return Raw("one answer too many", "HTTP/1.1 503 no\r\nContent-Length: 0\r\n\r\n" + Ok, 503, LokiFaultEnding.KeepAlive);
        yield return new("503 with Connection: close", new LokiFault { Status = 503, Headers = [("Connection", "close")] }, 503);
    }

    private static IEnumerable<FaultCase> Connections()
    {
        yield return new("abort before reading", new LokiFault { RequestBytes = 0, AnswerBytes = 0, Ending = LokiFaultEnding.Reset }, 0);
        yield return new("reset after some of the request", new LokiFault { RequestBytes = 20, AnswerBytes = 0, Ending = LokiFaultEnding.Reset }, 0);
        yield return new("abort after reading", new LokiFault { Stores = false, AnswerBytes = 0, Ending = LokiFaultEnding.Reset }, 0);
        yield return new("close without an answer", new LokiFault { Stores = false, AnswerBytes = 0, Ending = LokiFaultEnding.Close }, 0);
        yield return new("stored, then abort", new LokiFault { AnswerBytes = 0, Ending = LokiFaultEnding.Reset }, 0);
        yield return new("stored, then reset within the status line", new LokiFault { AnswerBytes = 10, Ending = LokiFaultEnding.Reset }, 0);
        yield return new("no answer to the headers", new LokiFault { RequestBytes = 0, AnswerBytes = 0, Ending = LokiFaultEnding.Stall }, 0);
        yield return new("no answer", new LokiFault { Stores = false, AnswerBytes = 0, Ending = LokiFaultEnding.Stall }, 0);
        yield return new("stored, then no answer", new LokiFault { AnswerBytes = 0, Ending = LokiFaultEnding.Stall }, 0);
        yield return new("an answer that drips", new LokiFault { Status = 503, AnswerBytesPerSecond = 5 }, 0);
        yield return new("stored, then an answer that drips", new LokiFault { AnswerBytesPerSecond = 5 }, 0);
        yield return new("stored, then a late answer", new LokiFault { Delay = TimeSpan.FromSeconds(30) }, 0);
        yield return new("early 413", new LokiFault { RequestBytes = 0, Status = 413, Body = "no" }, 413);
        yield return new("closed after a good answer", new LokiFault { Ending = LokiFaultEnding.Close }, 204);
        yield return new("reset after a good answer", new LokiFault { Ending = LokiFaultEnding.Reset }, 204);
    }

    private static FaultCase Raw(string name, string raw, int seen, LokiFaultEnding ending = LokiFaultEnding.Close, bool stores = false) =>
        new(name, new LokiFault { Raw = raw, Ending = ending, Stores = stores }, seen);
}
