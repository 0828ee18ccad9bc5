using System;
using System.Collections.Generic;
using System.IO.Compression;
using System.Linq;
using System.Threading.Tasks;
using NLog.Targets.Loki.Testing;
using NLog.Targets.Loki.Tests.Support;
using NUnit.Framework;

namespace NLog.Targets.Loki.Tests.TestServer;

/// <summary>Content types, encodings and sizes (contract 1.2 to 1.5).</summary>
[TestFixture]
public sealed class BodyEncodingTests : PushTests
{
    private static readonly byte[] Sound = PushClient.Utf8(PushClient.Lines("hello"));

    protected override LokiTestServerOptions Options => new() { MaxReceivedSize = 8192, MaxDecompressedSize = 100_000 };

    private static IEnumerable<TestCaseData> Gzips()
    {
        var gzip = PushClient.Gzip(Sound);
        yield return new TestCaseData(gzip, 204, "").SetName("{m}(whole)");
        yield return new TestCaseData(Array.Empty<byte>(), 400, "EOF\n").SetName("{m}(empty)");
        yield return new TestCaseData(gzip[..5], 400, "unexpected EOF\n").SetName("{m}(half a header)");
        yield return new TestCaseData(gzip[..10], 400, "EOF\n").SetName("{m}(only the header)");
        yield return new TestCaseData(gzip[..^20], 400, "unexpected EOF\n").SetName("{m}(cut off inside the document)");

        // The JSON reader stops asking at the closing brace and never learns what comes behind.
        yield return new TestCaseData(gzip[..^4], 204, "").SetName("{m}(cut off inside the checksum)");
        yield return new TestCaseData((byte[])[.. gzip, 1, 2, 3], 204, "").SetName("{m}(bytes behind)");
        yield return new TestCaseData((byte[])[.. gzip[..^8], .. new byte[8]], 204, "").SetName("{m}(wrong checksum)");
        yield return new TestCaseData((byte[])[.. PushClient.Gzip(Sound[..20]), .. PushClient.Gzip(Sound[20..])], 204, "").SetName("{m}(two members)");
        yield return new TestCaseData((byte[])[.. PushClient.Gzip(Sound[..20]), 1, 2, 3, 4, 5, 6, 7, 8, 9, 10], 400, "gzip: invalid header\n").SetName("{m}(second member is none)");
        yield return new TestCaseData(Sound, 400, "gzip: invalid header\n").SetName("{m}(no gzip at all)");
    }

    [TestCaseSource(nameof(Gzips))]
    public async Task Gzip_is_read_as_Go_reads_it(byte[] body, int status, string text)
    {
        var answer = await Client.SendAsync(body, "application/json", headers: ("Content-Encoding", "gzip"));
        Assert.That(answer, Is.EqualTo(new PushAnswer(status, text)));
        Assert.That(Server.EntryCount, Is.EqualTo(status == 204 ? 1 : 0));
    }

    [Test]
    public async Task Deflate_means_the_raw_format()
    {
        var raw = PushClient.Compress(Sound, result => new DeflateStream(result, CompressionLevel.Optimal));
        var zlib = PushClient.Compress(Sound, result => new ZLibStream(result, CompressionLevel.Optimal));
        Assert.That((await Client.SendAsync(raw, "application/json", headers: ("Content-Encoding", "deflate"))).Status, Is.EqualTo(204));
        Assert.That((await Client.SendAsync(raw[..^8], "application/json", headers: ("Content-Encoding", "deflate"))).Body, Is.EqualTo("unexpected EOF\n"));
        Assert.That((await Client.SendAsync(zlib, "application/json", headers: ("Content-Encoding", "deflate"))).Body, Is.EqualTo("EOF\n"));
        Assert.That(
            (await Client.SendAsync(zlib, "application/x-protobuf", headers: ("Content-Encoding", "deflate"))).Body,
            Is.EqualTo("flate: corrupt input before offset 5\n"));
    }

    [TestCase("application/json", 204, "")]
    [TestCase("APPLICATION/JSON; charset=utf-16", 204, "")]
    [TestCase("application/json;", 204, "")]
    [TestCase("application/json; charsetutf-8", 400, "mime: invalid media parameter\n")]
    [TestCase("application/json; charset=utf-8; CHARSET=utf-8", 204, "")]
    [TestCase("application/json; charset=utf-8; charset=ascii", 400, "mime: duplicate parameter name\n")]
    [TestCase("application/json; a b=c", 400, "mime: invalid media parameter\n")]
    [TestCase("application/json; x=\"a;b\"", 204, "")]
    [TestCase("application/json; x=\"a\\\"b", 400, "mime: invalid media parameter\n")]
    [TestCase("application/json; x=\"\"", 204, "")]
    [TestCase("application/json; x=", 400, "mime: invalid media parameter\n")]
    [TestCase("application/json;; x=y", 400, "mime: invalid media parameter\n")]
    [TestCase("application/", 400, "mime: expected token after slash\n")]
    [TestCase("application json", 400, "mime: expected slash after first token\n")]
    [TestCase("application/json, text/plain", 400, "mime: unexpected content after media subtype\n")]
    [TestCase(";charset=utf-8", 400, "mime: no media type\n")]
    [TestCase(null, 400, "mime: no media type\n")]
    [TestCase("application/jsonn", 400, "snappy: corrupt input\n")]
    public async Task The_content_type_decides_the_format(string? type, int status, string text) =>
        Assert.That(await Client.SendAsync(Sound, type), Is.EqualTo(new PushAnswer(status, text)));

    [TestCase("zstd")]
    [TestCase("br")]
    [TestCase("identity")]
    [TestCase("GZIP")]
    [TestCase("gzip, deflate")]
    public async Task Encodings_are_one_exact_text_and_judged_before_the_content_type(string encoding) =>
        Assert.That(
            await Client.SendAsync(Sound, null, headers: ("Content-Encoding", encoding)),
            Is.EqualTo(new PushAnswer(400, $"Content-Encoding \"{encoding}\" not supported\n")));

    [Test]
    public async Task A_body_past_the_limit_is_413()
    {
        var answer = await Client.JsonAsync(PushClient.Lines(new string('x', 9000)));
        Assert.That(answer, Is.EqualTo(new PushAnswer(413, "request body too large: message size too large than max (8193 vs 8192)\n")));
        Assert.That(Server.Pushes.Single().CompressedBytes, Is.GreaterThan(9000));
    }

    // Loki's JSON reader stops at the closing brace; what is too much behind it is never read.
    [TestCase(8192, 204)]
    [TestCase(8193, 413)]
    public async Task Blanks_behind_a_document_may_go_past_the_limit(int size, int status)
    {
        var body = PushClient.Lines(new string('x', size - PushClient.Lines("").Length)) + new string(' ', 100_000);
        Assert.That((await Client.JsonAsync(body)).Status, Is.EqualTo(status));
    }

    [Test]
    public async Task A_small_body_that_unpacks_past_the_limit_is_413()
    {
        var body = PushClient.Gzip(PushClient.Utf8(PushClient.Lines(new string('0', 2_000_000))));
        Assert.That(body, Has.Length.LessThan(8192));
        var answer = await Client.SendAsync(body, "application/json", headers: ("Content-Encoding", "gzip"));
        Assert.That(answer, Is.EqualTo(new PushAnswer(413, "request body too large: decompressed message size too large than max (100001 vs 100000)\n")));
    }

    // Go's servers take the first of a repeated header.
    [Test]
    public async Task Of_repeated_headers_the_first_counts()
    {
        await using var server = await LokiTestServer.StartAsync(new LokiTestServerOptions { AuthEnabled = true });
        var body = PushClient.Gzip(Sound);
        using var raw = await RawConnection.ToAsync(server.Url);
        await raw.SendAsync(
            RawConnection.Head(body.Length, "X-Scope-OrgID: one\r\nX-Scope-OrgID: two\r\nContent-Encoding: gzip\r\nContent-Encoding: br\r\n")
            + System.Text.Encoding.Latin1.GetString(body));
        await server.WaitForEntriesAsync(1, TimeSpan.FromSeconds(10));
        Assert.That(server.Entries.Single().Tenant, Is.EqualTo("one"));
    }

    // The distributor's part of 1.5: what goes to one ingester, in protobuf, must fit a gRPC message.
    [Test]
    public async Task A_push_the_ingester_cannot_take_is_500_for_ever()
    {
        await using var server = await LokiTestServer.StartAsync(new LokiTestServerOptions { Limits = new LokiLimits().WithoutRates() });
        using var client = new PushClient(server.Url);
        var body = PushClient.Lines(Enumerable.Repeat(new string('x', 250_000), 18).ToArray());
        for (var attempt = 0; attempt < 2; attempt++)
        {
            var answer = await client.JsonAsync(body);
            Assert.That(answer.Status, Is.EqualTo(500));
            Assert.That(answer.Body, Does.Match(@"^rpc error: code = ResourceExhausted desc = grpc: received message larger than max \(\d+ vs\. 4194304\)\n$"));
        }

        Assert.That(server.EntryCount, Is.Zero);
    }
}
