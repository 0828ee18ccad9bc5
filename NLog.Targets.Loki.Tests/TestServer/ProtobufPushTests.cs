using System;
using System.Collections.Generic;
using System.IO.Compression;
using System.Linq;
using System.Threading.Tasks;
using IronSnappy;
using NLog.Targets.Loki.Testing;
using NUnit.Framework;

namespace NLog.Targets.Loki.Tests.TestServer;

/// <summary>Snappy protobuf bodies (contract 1.2, 1.3, 3).</summary>
[TestFixture]
public sealed class ProtobufPushTests : PushTests
{
    private const string Type = "application/x-protobuf";

    protected override LokiTestServerOptions Options => new()
    {
        MaxReceivedSize = 4096,
        MaxDecompressedSize = 65536,
        Limits = new LokiLimits { RejectOldSamplesMaxAge = TimeSpan.FromDays(3650) },
    };

    private static IEnumerable<TestCaseData> BrokenMessages()
    {
        // Texts of gogo/protobuf's generated code for pkg/push/push.proto.
        yield return new TestCaseData(new WireMessage().Raw(0x0a, 0x05, 1), "unexpected EOF").SetName("{m}(cut off)");
        yield return new TestCaseData(new WireMessage().Raw(0x0a), "unexpected EOF").SetName("{m}(tag without a length)");
        yield return new TestCaseData(new WireMessage().Raw(0x08, 1), "proto: wrong wireType = 0 for field Streams").SetName("{m}(streams as a number)");
        yield return new TestCaseData(new WireMessage().Raw(0x0c), "proto: PushRequest: wiretype end group for non-group").SetName("{m}(end of a group)");
        yield return new TestCaseData(new WireMessage().Raw(0x00, 0), "proto: PushRequest: illegal tag 0 (wire type 0)").SetName("{m}(field 0)");
        yield return new TestCaseData(new WireMessage().Raw(0x3e, 0), "proto: illegal wireType 6").SetName("{m}(wire type 6)");
        yield return new TestCaseData(new WireMessage().Raw(Enumerable.Repeat((byte)0xff, 11).ToArray()), "proto: integer overflow").SetName("{m}(endless number)");
        yield return new TestCaseData(
            new WireMessage().Raw(0x0a).Varint(ulong.MaxValue), "proto: negative length found during unmarshaling").SetName("{m}(negative length)");
        yield return new TestCaseData(
            new WireMessage().Message(1, new WireMessage().Number(1, 5)), "proto: wrong wireType = 0 for field Labels").SetName("{m}(labels as a number)");
        yield return new TestCaseData(
            new WireMessage().Message(1, new WireMessage().Message(2, new WireMessage().Message(3, new WireMessage().Raw(0x0c)))),
            "proto: LabelPairAdapter: wiretype end group for non-group").SetName("{m}(end of a group inside a label pair)");
        yield return new TestCaseData(Timestamp(5, 1_000_000_000), "timestamp: &types.Timestamp{Seconds: 5,\nNanos: 1000000000,\n}: nanos not in range [0, 1e9)").SetName("{m}(a second of nanoseconds)");
        yield return new TestCaseData(Timestamp(5, -1), "timestamp: &types.Timestamp{Seconds: 5,\nNanos: -1,\n}: nanos not in range [0, 1e9)").SetName("{m}(negative nanoseconds)");
        yield return new TestCaseData(Timestamp(253402300800, 0), "timestamp: &types.Timestamp{Seconds: 253402300800,\nNanos: 0,\n} after 10000-01-01").SetName("{m}(year 10000)");
        yield return new TestCaseData(Timestamp(-62135596801, 0), "timestamp: &types.Timestamp{Seconds: -62135596801,\nNanos: 0,\n} before 0001-01-01").SetName("{m}(before year 1)");
    }

    private static IEnumerable<TestCaseData> BrokenBlocks()
    {
        yield return new TestCaseData(Array.Empty<byte>(), 400, "snappy: corrupt input").SetName("{m}(empty)");
        yield return new TestCaseData(new byte[] { 0x80 }, 400, "snappy: corrupt input").SetName("{m}(length cut off)");
        yield return new TestCaseData(new byte[] { 5, 0 }, 400, "snappy: corrupt input").SetName("{m}(literal cut off)");
        yield return new TestCaseData(new byte[] { 8, 1, 9 }, 400, "snappy: corrupt input").SetName("{m}(copy from before the start)");
        yield return new TestCaseData(new byte[] { 0xff, 0xff, 0xff, 0xff, 0x7f }, 400, "snappy: corrupt input").SetName("{m}(length beyond 32 bits)");
        yield return new TestCaseData(
            new byte[] { 0xff, 0xff, 0xff, 0xff, 0x0f, 0 }, 413, "request body too large: decompressed message size too large than max (4294967295 vs 65536)").SetName("{m}(four gigabytes declared)");
        yield return new TestCaseData(new byte[] { 0x80, 0x80, 0x04, 0 }, 400, "snappy: corrupt input").SetName("{m}(all that is allowed declared, nothing there)");
        yield return new TestCaseData(
            new byte[] { 0x81, 0x80, 0x04, 0 }, 413, "request body too large: decompressed message size too large than max (65537 vs 65536)").SetName("{m}(one byte too many declared)");
    }

    // The worked example of contract 3, byte for byte.
    [Test]
    public async Task The_worked_example_of_the_contract_is_stored()
    {
        var body = Convert.FromHexString(
            "2cac0a2a0a097b6170703d2278227d121d0a080880e2cfaa06100112026869" + "1a0d0a056c6576656c1204696e666f");
        Assert.That(await Client.SendAsync(body, Type), Is.EqualTo(new PushAnswer(204, "")));
        var entry = Server.Entries.Single();
        Assert.That(Server.Pushes.Single().UncompressedBytes, Is.EqualTo(44), "of the message, not of the snappy block");
        Assert.That(entry.TimestampNanoseconds, Is.EqualTo(1_700_000_000_000_000_001));
        Assert.That(entry.Line, Is.EqualTo("hi"));
        Assert.That(entry.Labels, Is.EquivalentTo(new Dictionary<string, string> { ["app"] = "x", ["service_name"] = "x" }));
        Assert.That(entry.Metadata, Is.EquivalentTo(new Dictionary<string, string> { ["level"] = "info", ["detected_level"] = "info" }));
    }

    [TestCaseSource(nameof(BrokenMessages))]
    public async Task A_broken_message_is_refused_with_the_text_of_Loki(object message, string text)
    {
        Assert.That(await Client.ProtobufAsync(((WireMessage)message).ToArray()), Is.EqualTo(new PushAnswer(400, text + "\n")));
        Assert.That(Server.EntryCount, Is.Zero);
    }

    [TestCaseSource(nameof(BrokenBlocks))]
    public async Task A_broken_block_is_refused_before_memory_is_set_aside(byte[] block, int status, string text)
    {
        var before = GC.GetTotalAllocatedBytes();
        Assert.That(await Client.SendAsync(block, Type), Is.EqualTo(new PushAnswer(status, text + "\n")));
        Assert.That(GC.GetTotalAllocatedBytes() - before, Is.LessThan(64 * 1024 * 1024));
    }

    [Test]
    public async Task A_zero_length_message_has_no_streams()
    {
        var answer = await Client.SendAsync([0], Type);
        Assert.That(answer, Is.EqualTo(new PushAnswer(422, "error at least one valid stream is required for ingestion\n")));
    }

    [Test]
    public async Task Fields_the_server_has_no_use_for_are_skipped()
    {
        var entry = new WireMessage()
            .Number(9, 1).Bytes(10, [1, 2]).Raw(0x5d, 1, 2, 3, 4).Raw(0x61, 1, 2, 3, 4, 5, 6, 7, 8).Raw(0x6b, 0x08, 1, 0x6c)
            .Message(1, new WireMessage().Number(1, PushClient.Now() / 1_000_000_000)).Text(2, "x").Message(4, new WireMessage().Text(1, "p").Text(2, "v"));
        var push = new WireMessage().Message(1, new WireMessage().Text(1, "{a=\"b\"}").Number(3, 77).Message(2, entry)).Text(2, "format");
        Assert.That((await Client.ProtobufAsync(push.ToArray())).Status, Is.EqualTo(204));
        Assert.That(Server.Entries.Single().Metadata.Keys, Is.EqualTo(new[] { "detected_level" }));
    }

    [Test]
    public async Task A_missing_timestamp_is_the_year_1_and_too_old()
    {
        var push = new WireMessage().Message(1, new WireMessage().Text(1, "{service_name=\"a\"}").Message(2, new WireMessage().Text(2, "x")));
        var answer = await Client.ProtobufAsync(push.ToArray());
        Assert.That(answer.Status, Is.EqualTo(400));
        Assert.That(answer.Body, Does.StartWith("entry for stream '{service_name=\"a\"}' has timestamp too old: 0001-01-01T00:00:00Z, oldest"));
    }

    [TestCase("gzip")]
    [TestCase("deflate")]
    [TestCase("snappy")]
    public async Task Encodings_go_around_the_snappy_block(string encoding)
    {
        var block = Snappy.Encode(PushClient.Protobuf("{service_name=\"a\"}"));
        var body = encoding switch
        {
            "gzip" => PushClient.Gzip(block),
            "deflate" => PushClient.Compress(block, result => new DeflateStream(result, CompressionLevel.Optimal)),
            _ => block,
        };
        Assert.That((await Client.SendAsync(body, Type, headers: ("Content-Encoding", encoding))).Status, Is.EqualTo(204));
        Assert.That(Server.EntryCount, Is.EqualTo(1));
    }

    [TestCase(1, "unexpected EOF")]
    [TestCase(8, "unexpected EOF")]
    [TestCase(12, "unexpected EOF")]
    public async Task Gzip_that_was_cut_off_is_noticed_wherever_the_cut_is(int missing, string text)
    {
        var body = PushClient.Gzip(Snappy.Encode(PushClient.Protobuf("{service_name=\"a\"}")));
        var answer = await Client.SendAsync(body[..^missing], Type, headers: ("Content-Encoding", "gzip"));
        Assert.That(answer, Is.EqualTo(new PushAnswer(400, text + "\n")));
    }

    [Test]
    public async Task A_body_past_the_limit_is_refused_with_its_length()
    {
        var answer = await Client.SendAsync(new byte[4097], Type);
        Assert.That(answer, Is.EqualTo(new PushAnswer(413, "request body too large: message size too large than max (4097 vs 4096)\n")));
    }

    [Test]
    public async Task Bytes_that_are_no_UTF8_are_shown_as_one_replacement_each()
    {
        var entry = new WireMessage().Message(1, new WireMessage().Number(1, PushClient.Now() / 1_000_000_000)).Bytes(2, [0x61, 0xe2, 0x82, 0x62]);
        var push = new WireMessage().Message(1, new WireMessage().Text(1, "{a=\"b\"}").Message(2, entry));
        Assert.That((await Client.ProtobufAsync(push.ToArray())).Status, Is.EqualTo(204));
        Assert.That(Server.Entries.Single().Line, Is.EqualTo("a\uFFFD\uFFFDb"));
    }

    [Test]
    public async Task No_body_however_broken_gets_anything_but_a_refusal()
    {
        var seed = Environment.TickCount;
        TestContext.Out.WriteLine($"seed {seed}");
        var random = new Random(seed);
        var sound = PushClient.Protobuf("{service_name=\"a\"}");
        for (var i = 0; i < 500; i++)
        {
            var body = Snappy.Encode(sound);
            var message = (byte[])sound.Clone();
            message[random.Next(message.Length)] = (byte)random.Next(256);
            body[random.Next(body.Length)] = (byte)random.Next(256);
            var answer = await Client.SendAsync(i % 2 == 0 ? body : Snappy.Encode(message), Type);
            Assert.That(answer.Status, Is.AnyOf(204, 400, 413, 422, 500), answer.Body);
        }
    }

    private static WireMessage Timestamp(long seconds, long nanos) => new WireMessage().Message(1, new WireMessage()
        .Message(2, new WireMessage().Message(1, new WireMessage().Number(1, seconds).Number(2, nanos))));
}
