using System;
using System.Collections.Generic;
using System.Linq;
using System.Net;
using System.Net.Http;
using NLog.Targets.Loki.Tests.Support;

namespace NLog.Targets.Loki.Tests.Diagnostics;

/// <summary>One kind of answer: what goes over the wire (null breaks the connection), and what must become of the entries.</summary>
internal sealed record ScriptedAnswer(string Name, int Weight, Func<HeldPush, int, HttpResponseMessage?> Respond, Action<LedgerOracle, HeldPush, int> Predict)
{
    private const string Labels = "{service_name='x'}";

    private static readonly List<ScriptedAnswer> s_weighted = [.. All.SelectMany(answer => Enumerable.Repeat(answer, answer.Weight))];

    private static IEnumerable<ScriptedAnswer> All =>
    [
        new("204", 24, (_, _) => Status(204), (oracle, push, _) => oracle.Deliver(push)),
        new("200", 2, (_, _) => Status(200), (oracle, push, _) => oracle.Deliver(push)),
        new("200 with a web page", 2, (_, _) => Status(200, "<html>log in</html>"), (oracle, push, _) => oracle.Retry(push, isEndpoint: true)),
        new("260", 2, (_, _) => Status(260, "ingestion blocked"), (oracle, push, _) => oracle.Reject(push, LokiDropReason.Blocked, push.Entries.Count)),
        new("some too old", 3, (_, n) => Status(400, $"{n} errors like: entry for stream '{Labels}' has timestamp too old: 2020-01-01T00:00:00Z, oldest acceptable timestamp is: 2021-01-01T00:00:00Z"), (oracle, push, n) => oracle.Reject(push, LokiDropReason.TooOld, n)),
        new("some too far behind", 3, (push, n) => Status(400, $"entry with timestamp x ignored, reason: 'entry too far behind',\nuser 'fake', total ignored: {n} out of {push.Entries.Count} for stream: {Labels}"), (oracle, push, n) => oracle.Reject(push, LokiDropReason.TooOld, n)),
        new("some too long", 3, (_, n) => Status(400, $"{n} errors like: max entry size '10' bytes exceeded for stream '{Labels}' while adding an entry with length '11' bytes"), (oracle, push, n) => oracle.Reject(push, LokiDropReason.Rejected, n)),
        new("labels refused", 1, (_, _) => Status(400, "couldn't parse labels: 1:4"), (oracle, push, _) => oracle.Reject(push, LokiDropReason.Rejected, push.Entries.Count)),
        new("400 without a reason", 5, (_, _) => Status(400, "something is wrong"), (oracle, push, _) => oracle.Split(push, LokiDropReason.Rejected)),
        new("metadata off", 1, (_, _) => Status(400, $"stream '{Labels}' includes structured metadata, but this feature is disallowed"), (oracle, push, _) => oracle.Strip(push)),
        new("413", 4, (_, _) => Status(413), (oracle, push, _) => oracle.Split(push, LokiDropReason.OversizeEntry)),
        new("500 of an ingester", 1, (_, _) => Status(500, "rpc error: code = ResourceExhausted"), (oracle, push, _) => oracle.Split(push, LokiDropReason.OversizeEntry)),
        new("500", 6, (_, _) => Status(500, "boom"), (oracle, push, _) => oracle.Retry(push, isEndpoint: true)),
        new("stored, then 503", 2, (_, _) => Status(503), (oracle, push, _) => oracle.StoreAndRetry(push)),
        new("408", 1, (_, _) => Status(408), (oracle, push, _) => oracle.Retry(push, isEndpoint: true)),
        new("429", 3, (_, _) => Status(429, "ingestion rate limit exceeded"), (oracle, push, _) => oracle.Retry(push, isEndpoint: false)),
        new("429 of a stream", 3, (_, _) => Status(429, "Per stream rate limit exceeded"), (oracle, push, _) => oracle.Retry(push, isEndpoint: false)),
        new("stream limit", 4, (_, _) => Status(429, "maximum active stream limit exceeded when trying to create stream"), (oracle, push, _) => oracle.RefuseStream(push)),
        new("401", 1, (_, _) => Status(401), (oracle, push, _) => oracle.Hold(push)),
        new("404", 1, (_, _) => Status(404), (oracle, push, _) => oracle.Hold(push)),
        new("connection broken", 5, (_, _) => null, (oracle, push, _) => oracle.Break(push)),
    ];

    public static ScriptedAnswer Delivers => s_weighted[0];

    public static ScriptedAnswer Any(Random random) => s_weighted[random.Next(s_weighted.Count)];

    public override string ToString() => Name;

    private static HttpResponseMessage Status(int status, string text = "") => new((HttpStatusCode)status) { Content = new StringContent(text) };
}
