using System;
using System.Collections.Generic;
using System.Linq;
using System.Net.Http;
using System.Net.Sockets;
using NLog.Targets.Loki.Connection;
using NLog.Targets.Loki.Delivery;
using NUnit.Framework;

namespace NLog.Targets.Loki.Tests.Connection;

public sealed class PushOutcomeTests
{
    [Test]
    public void Every_status_from_100_to_599_has_exactly_the_decision_of_the_table()
    {
        for (var status = 100; status <= 599; status++)
        {
            var expected = status switch
            {
                260 => PushAction.Reject,
                >= 200 and < 300 => PushAction.Delivered,
                // Without a text nobody knows which entries.
                400 or 422 => PushAction.Split,
                408 or 425 or 429 => PushAction.Retry,
                413 => PushAction.Split,
                501 or 505 => PushAction.Hold,
                >= 500 => PushAction.Retry,
                _ => PushAction.Hold,
            };
            Assert.That(PushOutcome.Of(new PushAnswer { Status = status }).Action, Is.EqualTo(expected), status.ToString());
        }
    }

    [TestCaseSource(nameof(Failures))]
    public void A_request_without_an_answer_is_repeated(Exception error)
    {
        var outcome = PushOutcome.Of(new PushAnswer { Error = error });
        Assert.That(outcome.Action, Is.EqualTo(PushAction.Retry));
        Assert.That(outcome.Scope, Is.EqualTo(PushScope.Endpoint));
    }

    [TestCase(200, "text/html", "<html>login</html>", "Retry")]
    [TestCase(200, "application/json", "{}", "Delivered")]
    [TestCase(500, "text/plain", "rpc error: code = ResourceExhausted desc = grpc: received message larger than max (5 vs. 4)\n", "Split")]
    [TestCase(400, "text/plain", "request body too large: message size too large than max (5 vs 4)\n", "Split")]
    public void The_body_decides_where_the_status_does_not(int status, string type, string body, string expected) =>
        Assert.That(PushOutcome.Of(new PushAnswer { Status = status, MediaType = type, Body = body }).Action.ToString(), Is.EqualTo(expected));

    [Category("N14")]
    [Test]
    public void A_200_whose_body_never_came_is_no_delivery([Values("text/html", "")] string type) =>
        Assert.That(PushOutcome.Of(new PushAnswer { Status = 200, MediaType = type, BodyIsCut = true }).Action, Is.EqualTo(PushAction.Retry));

    [TestCase("entry for stream '{a=\"b\"}' has timestamp too old: 2026-01-01T00:00:00Z, oldest acceptable timestamp is: 2026-01-02T00:00:00Z", 1, 1)]
    [TestCase("entry for stream '{}' has timestamp too new: 2027-01-01T00:00:00Z", 1, 0)]
    [TestCase("2 errors like: entry for stream '{}' has timestamp too old: x, oldest acceptable timestamp is: y; 3 errors like: max entry size '4' bytes exceeded", 5, 2)]
    [TestCase("entry with timestamp 2026 ignored, reason: 'entry too far behind, entry timestamp is: x',\nuser 'fake', total ignored: 7 out of 20 for stream: {app=\"x\"}", 7, 7)]
    [TestCase("entry with timestamp 2026 ignored, reason: 'entry too far behind, entry timestamp is: x',\nuser 'fake', total ignored: 7 out of 18 for stream: {app=\"x\"}", 9, 7)]
    [TestCase("max entry size '4096' bytes exceeded for stream '{}' while adding an entry with length '5000' bytes", 1, 0)]
    [TestCase("stream '{a=\"b\"}' has structured metadata too large: '600' bytes, limit: '512' bytes. Please see", 1, 0)]
    [TestCase("couldn't parse labels: 1:4: parse error", 20, 0)]
    [TestCase("entry for stream '{}' has 20 label names; limit 15", 20, 0)]
    [TestCase("99999999999999 errors like: entry for stream '{}' has timestamp too old: x", 20, 20)]
    public void A_400_is_counted_to_the_entry_from_what_Loki_writes(string body, int rejected, int tooOld)
    {
        var outcome = PushOutcome.Of(new PushAnswer { Status = 400, Body = body });
        Assert.That(outcome.Action, Is.EqualTo(PushAction.Reject));
        Assert.That(outcome.Rejected.Of(20), Is.EqualTo(rejected), "of a batch of twenty");
        Assert.That(Math.Min(outcome.Rejected.TooOld, rejected), Is.EqualTo(tooOld));
    }

    [TestCase("loghttp.PushRequest.Streams: something is wrong", "Split")]
    [TestCase("", "Split")]
    [TestCase("stream '{}' includes structured metadata, but this feature is disallowed. Please see `limits_config.allow_structured_metadata`", "Strip")]
    [TestCase("tenant ID 'a/b' contains unsupported character '/'", "Hold")]
    [TestCase("multiple org IDs present", "Hold")]
    public void A_400_that_names_no_entry_has_its_own_decision(string body, string expected) =>
        Assert.That(PushOutcome.Of(new PushAnswer { Status = 400, Body = body }).Action.ToString(), Is.EqualTo(expected));

    [Category("H5")]
    [TestCase(0, 0.1)]
    [TestCase(-5, 0.1)]
    [TestCase(7, 7)]
    [TestCase(86400, 300)]
    public void Retry_after_is_taken_within_bounds(int seconds, double expected) =>
        Assert.That(PushOutcome.Of(new PushAnswer { Status = 429, RetryAfter = TimeSpan.FromSeconds(seconds) }).RetryAfter, Is.EqualTo(TimeSpan.FromSeconds(expected)));

    [Test]
    public void Pauses_double_to_their_cap_and_half_of_them_is_random()
    {
        var least = new Backoff(TimeSpan.FromMilliseconds(500), TimeSpan.FromSeconds(60), () => 0);
        var most = new Backoff(TimeSpan.FromMilliseconds(500), TimeSpan.FromSeconds(60), () => 1);
        Assert.That(Enumerable.Range(1, 9).Select(n => most.After(n).TotalSeconds), Is.EqualTo(new[] { 0.5, 1, 2, 4, 8, 16, 32, 60, 60 }));
        Assert.That(Enumerable.Range(1, 9).Select(n => least.After(n).TotalSeconds), Is.EqualTo(new[] { 0.25, 0.5, 1, 2, 4, 8, 16, 30, 30 }));
        Assert.That(most.After(int.MaxValue).TotalSeconds, Is.EqualTo(60));
    }

    private static IEnumerable<Exception> Failures() =>
    [
        new HttpRequestException("refused", new SocketException((int)SocketError.ConnectionRefused)),
        new System.IO.IOException("reset"),
        new OperationCanceledException(),
        new System.Security.Authentication.AuthenticationException(),
        new InvalidOperationException("anything"),
    ];
}
