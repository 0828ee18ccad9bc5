using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Threading.Tasks;
using NLog.Targets.Loki.Testing;
using NUnit.Framework;

namespace NLog.Targets.Loki.Tests.TestServer;

/// <summary>What is answered and stored when a part of a push is refused (contract 4.1 to 4.4, 6, 15).</summary>
[TestFixture]
public sealed class PartialFailureTests : PushTests
{
    private static readonly LokiLimits Limits = new()
    {
        MaxLineSize = 1000,
        MaxLabelValueLength = 10,
        RejectOldSamplesMaxAge = TimeSpan.FromHours(3),
        OutOfOrderWindow = TimeSpan.FromMinutes(10),
    };

    protected override LokiTestServerOptions Options => new()
    {
        AuthEnabled = true,
        Limits = Limits,
        TenantLimits = new Dictionary<string, LokiLimits>
        {
            ["rate"] = Limits with { IngestionRate = 100, IngestionBurst = 2000 },
            ["streamrate"] = Limits with { PerStreamRateLimit = 1024, PerStreamRateLimitBurst = 2048 },
            ["entryrate"] = Limits with { PerStreamRateLimit = 10, PerStreamRateLimitBurst = 2048, ShardStreamsEnabled = false },
            ["streams"] = Limits with { MaxGlobalStreamsPerUser = 2 },
            ["localstreams"] = Limits with { MaxStreamsPerUser = 2 },
            ["zone"] = Limits with { BlockIngestionUntil = new DateTimeOffset(2099, 1, 2, 3, 4, 5, TimeSpan.FromHours(-7)) },
            ["nosm"] = Limits with { AllowStructuredMetadata = false },
            ["enforced"] = Limits with { EnforcedLabels = ["env", "team"] },
            ["truncate"] = Limits with { MaxLineSize = 10, MaxLineSizeTruncate = true, MaxLineSizeTruncateIdentifier = "[cut]" },
            ["increment"] = Limits with { IncrementDuplicateTimestamp = true },
            ["blocked"] = Limits with { BlockIngestionUntil = DateTimeOffset.MaxValue.AddDays(-1), BlockIngestionStatusCode = 503 },
        },
    };

    // 4.3: grouped by text; a real server's order is random, this one's is that of the request.
    [Test]
    public async Task Several_faults_are_grouped_and_the_rest_is_stored()
    {
        var longLine = new string('x', 1001);
        const string fault = "max entry size '1000' bytes exceeded for stream '{service_name=\"a\"}' while adding an entry with length '1001' bytes";
        Assert.That(await PushAsync("t", ("a", [longLine])), Is.EqualTo(new PushAnswer(400, fault + "\n")));
        Assert.That(await PushAsync("t", ("a", [longLine, "good", longLine])), Is.EqualTo(new PushAnswer(400, "2 errors like: " + fault + "\n")));
        Assert.That(
            await PushAsync("t", ("a", [longLine, longLine]), ("toolonganame", ["y"]), ("b", ["fine"])),
            Is.EqualTo(new PushAnswer(400, $"2 errors like: {fault}; 1 errors like: stream '{{service_name=\"toolonganame\"}}' has label value too long: 'toolonganame'\n")));
        Assert.That(Server.Entries.Select(entry => entry.Line), Is.EqualTo(new[] { "good", "fine" }));
        Assert.That(Server.Discarded["line_too_long"], Is.EqualTo(5));
        Assert.That(Server.Discarded["invalid_labels"], Is.EqualTo(1));
    }

    // 4.2: nothing of a push past the tenant's rate is stored or counted against it, and its 400 stays hidden.
    [Test]
    public async Task The_tenant_rate_takes_a_push_whole_or_not_at_all()
    {
        var line = new string('x', 900);
        var answer = await PushAsync("rate", ("a", [line, line, line, new string('x', 1001)]));
        Assert.That(answer, Is.EqualTo(new PushAnswer(429, "ingestion rate limit exceeded for user rate (limit: 100 bytes/sec) while attempting to ingest '3' lines totaling '2700' bytes, reduce log volume or contact your Loki administrator to see if the limit can be increased\n")));
        Assert.That((await PushAsync("rate", ("a", [line, line]))).Status, Is.EqualTo(204));
        Assert.That(Server.EntryCount, Is.EqualTo(2));
    }

    // 4.3: with sharding all entries of the stream, without it those that no longer fit; at most ten are told.
    [Test]
    public async Task The_stream_rate_refuses_the_stream_or_its_last_entries()
    {
        var line = new string('x', 100);
        var lines = Enumerable.Repeat(line, 24).Select((text, i) => text + (char)('a' + i)).ToArray();
        var whole = await PushAsync("streamrate", ("a", lines));
        Assert.That(whole.Status, Is.EqualTo(429));
        Assert.That(whole.Body.Split("ignored, reason: 'Per stream rate limit exceeded (limit: 1KB/sec) while attempting to ingest for stream '{service_name=\"a\"}' totaling 101B, consider splitting a stream").Length, Is.EqualTo(11));
        Assert.That(whole.Body, Does.EndWith("',\nuser 'streamrate', total ignored: 24 out of 24 for stream: {service_name=\"a\"}\n"));
        Assert.That(Server.EntryCount, Is.Zero);

        var last = await PushAsync("entryrate", ("a", lines));
        Assert.That(last.Status, Is.EqualTo(429));
        Assert.That(last.Body, Does.EndWith("total ignored: 4 out of 24 for stream: {service_name=\"a\"}\n"));
        Assert.That(Server.EntryCount, Is.EqualTo(20));
    }

    // 4.4 no. 4 and its switch.
    [TestCase(true, 204)]
    [TestCase(false, 429)]
    public async Task The_last_stream_decides_unless_that_is_switched_off(bool lastStreamDecides, int status)
    {
        await using var server = await LokiTestServer.StartAsync(new LokiTestServerOptions
        {
            LastStreamDecides = lastStreamDecides,
            Limits = Limits with { MaxGlobalStreamsPerUser = 2 },
        });
        using var client = new PushClient(server.Url);
        await client.JsonAsync(PushClient.Streams(("one", ["x"]), ("two", ["x"])));
        var masked = await client.JsonAsync(PushClient.Streams(("three", ["lost"]), ("one", ["kept"])));
        var open = await client.JsonAsync(PushClient.Streams(("one", ["kept too"]), ("three", ["lost"])));
        Assert.That(masked.Status, Is.EqualTo(status));
        Assert.That(open, Is.EqualTo(new PushAnswer(429, "maximum active stream limit exceeded when trying to create stream {service_name=\"three\"}, reduce the number of active streams (reduce labels or reduce label values), or contact your Loki administrator to see if the limit can be increased, user: 'fake'\n")));
        Assert.That(server.Entries.Select(entry => entry.Line), Is.EqualTo(new[] { "x", "x", "kept", "kept too" }));
        Assert.That(server.Discarded["stream_limit"], Is.EqualTo(2));
    }

    [TestCase("streams")]
    [TestCase("localstreams")]
    public async Task A_full_tenant_still_takes_its_streams_and_refuses_new_ones(string tenant)
    {
        await PushAsync(tenant, ("one", ["1"]), ("two", ["2"]));
        Assert.That((await PushAsync(tenant, ("three", ["3"]))).Status, Is.EqualTo(429));
        Assert.That((await PushAsync(tenant, ("two", ["4"]))).Status, Is.EqualTo(204));
        Assert.That((await PushAsync("other", ("three", ["5"]))).Status, Is.EqualTo(204));
        Assert.That(Server.Entries.Select(entry => entry.Line), Is.EquivalentTo(new[] { "1", "2", "4", "5" }));
    }

    // 4.4 no. 5: the ingester's refusal replaces that of the distributor.
    [Test]
    public async Task An_entry_behind_the_window_hides_a_line_that_is_too_long()
    {
        var now = PushClient.Now();
        var answer = await Client.JsonAsync(Body("a", (now, "new"), (now - Minutes(11), "late"), (now, new string('x', 1001)), (now - Minutes(10), "at the limit")), "t");
        Assert.That(answer.Status, Is.EqualTo(400));
        Assert.That(answer.Body, Does.Match(@"^entry with timestamp \d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d+)? \+0000 UTC ignored, reason: 'entry too far behind, entry timestamp is: \S+Z, oldest acceptable timestamp is: \S+Z',\nuser 't', total ignored: 1 out of 3 for stream: \{service_name=""a""\}\n$"));
        Assert.That(Server.Entries.Select(entry => entry.Line), Is.EquivalentTo(new[] { "new", "at the limit" }));
    }

    // 6.1: a new stream has no window, and the order within a push counts.
    [Test]
    public async Task The_window_moves_entry_by_entry()
    {
        var now = PushClient.Now();
        Assert.That((await Client.JsonAsync(Body("up", (now - Minutes(120), "old"), (now, "new")), "t")).Status, Is.EqualTo(204));
        Assert.That((await Client.JsonAsync(Body("down", (now, "new"), (now - Minutes(120), "old")), "t")).Status, Is.EqualTo(400));
        Assert.That(Server.EntryCount, Is.EqualTo(3));
    }

    [Test]
    public async Task Metadata_of_a_tenant_without_it_refuses_the_entry_only()
    {
        var now = PushClient.Now();
        var answer = await Client.JsonAsync($$$"""{"streams":[{"stream":{"service_name":"a"},"values":[["{{{now}}}","with",{"k":"v"}],["{{{now}}}","without"],["{{{now + 1}}}","empty",{}]]}]}""", "nosm");
        Assert.That(answer, Is.EqualTo(new PushAnswer(400, "stream '{service_name=\"a\"}' includes structured metadata, but this feature is disallowed. Please see `limits_config.allow_structured_metadata` or contact your Loki administrator to enable it\n")));
        Assert.That(Server.Entries.Select(entry => entry.Line), Is.EqualTo(new[] { "without", "empty" }));
        Assert.That(Server.Entries.SelectMany(entry => entry.Metadata), Is.Empty);
    }

    [Test]
    public async Task All_missing_labels_are_named()
    {
        var answer = await PushAsync("enforced", ("a", ["x"]));
        Assert.That(answer.Body, Is.EqualTo("missing required labels 'env,team' for user 'enforced' for stream '{service_name=\"a\"}' (policy: '')\n"));
    }

    // 4.2: by byte, so of a character cut in two each byte shows as a replacement.
    [TestCase("0123456789", "0123456789")]
    [TestCase("01234567890", "01234[cut]")]
    [TestCase("0123\U0001F600 and more", "0123\uFFFD[cut]")]
    [TestCase("01\U0001F600 and more", "01\uFFFD\uFFFD\uFFFD[cut]")]
    [TestCase("\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9", "\u00e9\u00e9\uFFFD[cut]")]
    public async Task A_long_line_is_cut_by_bytes(string line, string expected)
    {
        Assert.That((await PushAsync("truncate", ("a", [line]))).Status, Is.EqualTo(204));
        Assert.That(Server.Entries.Single().Line, Is.EqualTo(expected));
    }

    // 6.3: only other lines move on, and a moved one moves its successor.
    [Test]
    public async Task Equal_times_are_moved_apart_for_a_tenant_that_wants_it()
    {
        var now = PushClient.Now();
        await Client.JsonAsync(Body("a", (now, "x"), (now, "y"), (now, "y"), (now, "z"), (now + 1, "w"), (now + 9, "v")), "increment");
        Assert.That(
            Server.Entries.OrderBy(entry => entry.TimestampNanoseconds).ThenBy(entry => entry.Line).Select(entry => (entry.Line, entry.TimestampNanoseconds - now)),
            Is.EquivalentTo(new[] { ("x", 0L), ("y", 1L), ("y", 0L), ("z", 1L), ("w", 2L), ("v", 9L) }));
    }

    [Test]
    public async Task A_block_with_another_status_is_told_unless_something_was_invalid()
    {
        var blocked = await PushAsync("blocked", ("a", ["x"]));
        Assert.That(blocked.Status, Is.EqualTo(503));
        Assert.That(blocked.Body, Does.StartWith("ingestion blocked for user 'blocked' until '9999-12-30T").And.EndWith("Z' with status code '503'\n"));
        Assert.That((await PushAsync("blocked", ("a", ["x"]), ("toolonganame", ["y"]))).Status, Is.EqualTo(400));
        Assert.That(Server.Discarded["blocked_ingestion"], Is.EqualTo(2));
        Assert.That(Server.EntryCount, Is.Zero);
    }

    [Test]
    public async Task The_end_of_a_block_is_told_in_the_zone_it_was_given_in() => Assert.That(
        await PushAsync("zone", ("a", ["x"])),
        Is.EqualTo(new PushAnswer(260, "ingestion blocked for user 'zone' until '2099-01-02T03:04:05-07:00' with status code '260'\n")));

    // 6.2: the same identity is one entry, however often and in whatever company it comes.
    [Test]
    public async Task What_was_stored_before_is_not_stored_again()
    {
        var now = PushClient.Now();
        for (var attempt = 0; attempt < 3; attempt++)
        {
            Assert.That((await Client.JsonAsync(Body("a", (now, "x"), (now + 1, "y"), (now, "z")), "t")).Status, Is.EqualTo(204));
        }

        Assert.That(Server.EntryCount, Is.EqualTo(3));
        Assert.That(Server.DuplicatesRefused, Is.EqualTo(6));
    }

    private static long Minutes(int count) => count * 60_000_000_000L;

    private static string Body(string service, params (long Time, string Line)[] entries) => System.Text.Json.JsonSerializer.Serialize(new
    {
        streams = new[]
        {
            new { stream = new { service_name = service }, values = entries.Select(entry => new[] { entry.Time.ToString(CultureInfo.InvariantCulture), entry.Line }) },
        },
    });

    private Task<PushAnswer> PushAsync(string tenant, params (string Service, string[] Lines)[] streams) =>
        Client.JsonAsync(PushClient.Streams(streams), tenant);
}
