using System;
using System.Collections.Generic;
using System.IO;
using System.IO.Compression;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using IronSnappy;
using NLog.Targets.Loki.Batching;
using NLog.Targets.Loki.Encoding;
using NUnit.Framework;

namespace NLog.Targets.Loki.Tests.Encoding;

/// <summary>Whole bodies of both formats: their bytes, their exact size, and their parts.</summary>
public sealed class PushFormatTests
{
    private static readonly KeyValuePair<string, string>[] s_labels = [new("b", "x \" \\ \n \u0001 \u00e9 {a=\"c\"}"), new("a", "y")];

    [Test]
    public async Task The_worked_example_of_the_contract_is_written_byte_for_byte()
    {
        var encoder = PushFormat.Protobuf.CreateEncoder();
        encoder.Begin(1_700_000_000_000_000_001);
        encoder.Line("hi", 100);
        encoder.Metadata("level", "info", 100);
        encoder.End();
        var batch = new Batch(new StreamKey("", new LabelSet([new("app", "x")], PushFormat.Protobuf)), TimeSpan.Zero);
        batch.Append(encoder.Entry, 1_700_000_000_000_000_001);
        Assert.That(Convert.ToHexString(Uncompress(await SentAsync(batch), LokiFormat.Protobuf)), Is.EqualTo(
            "0A2A0A097B6170703D2278227D121D0A080880E2CFAA061001120268691A0D0A056C6576656C1204696E666F"));
    }

    [Test]
    public async Task Labels_are_quoted_so_that_they_read_back([Values] LokiFormat format)
    {
        var sent = Uncompress(await SentAsync(Fill(format, 1)), format);
        Assert.That(Decode(sent, format).Labels, Is.EqualTo(format == LokiFormat.Json
            ? """{"a":"y","b":"x \" \\ \u000a \u0001 é {a=\"c\"}"}"""
            : """{a="y", b="x \" \\ \u000a \u0001 é {a=\"c\"}"}"""));
    }

    [Test]
    public async Task The_size_of_a_body_is_known_to_the_byte_before_it_is_made([Values] LokiFormat format, [Values(1, 2, 3, 120, 130, 1000, 5000)] int count)
    {
        var batch = Fill(format, count);
        var known = batch.BodyBytes;
        var sent = Uncompress(await SentAsync(batch), format);
        Assert.That(sent, Has.Length.EqualTo(known));
        Assert.That(batch.BodyBytes, Is.EqualTo(known));
        Assert.That(Decode(sent, format).Entries, Is.EqualTo(Enumerable.Range(0, count).Select(Entry)));
    }

    [Test]
    public async Task Halves_and_stripped_batches_hold_the_same_entries([Values] LokiFormat format, [Values(2, 3, 130, 4001)] int count, [Values] bool strip)
    {
        var batch = Fill(format, count);
        batch.Seal(CompressionLevel.Fastest);
        var parts = strip ? batch.Strip().SelectMany(Sealed).ToList() : batch.Split().SelectMany(Sealed).SelectMany(part => part.Count > 1 ? part.Split() : [part]).ToList();
        var entries = new List<DecodedEntry>();
        foreach (var part in parts)
        {
            var known = part.BodyBytes;
            var sent = Uncompress(await SentAsync(part), format);
            Assert.That(sent, Has.Length.EqualTo(known));
            entries.AddRange(Decode(sent, format).Entries);
        }

        Assert.That(parts.Sum(part => part.Count), Is.EqualTo(count));
        Assert.That(entries, Is.EqualTo(Enumerable.Range(0, count).Select(i => strip ? Entry(i) with { Metadata = [] } : Entry(i))));
        Assert.That(parts.Select(part => part.IsStripped), Is.All.EqualTo(strip));
    }

    [Test]
    public void A_batch_is_full_at_the_limit_and_not_before([Values] LokiFormat format)
    {
        var batch = new Batch(new StreamKey("", Labels(format)), TimeSpan.Zero);
        var entry = Encode(format, 1);
        while (batch.Fits(entry.Length, int.MaxValue, 16_500))
            batch.Append(entry, 1);
        Assert.That(batch.BodyBytes, Is.InRange(16_500 - entry.Length - 3, 16_500));
        Assert.That(batch.Fits(entry.Length, int.MaxValue, batch.BodyBytes + entry.Length + (format == LokiFormat.Json ? 1 : 0)), Is.True);
    }

    [Test]
    public async Task A_typical_batch_of_a_thousand_lines_is_a_third_of_its_body_or_less()
    {
        foreach (var format in Enum.GetValues<LokiFormat>())
        {
            var batch = Typical(format);
            var body = batch.BodyBytes;
            var sent = (await SentAsync(batch)).Length;
            TestContext.Out.WriteLine($"{format}: {body / 1000.0} bytes an entry in the body, {sent / 1000.0} compressed");
            Assert.That(sent, Is.LessThan(body / 3));
        }
    }

    // Lines of about a hundred characters with numbers and identifiers that differ, as an application with some requests writes them.
    private static Batch Typical(LokiFormat format)
    {
        var random = new Random(1);
        var batch = new Batch(new StreamKey("", new LabelSet([new("service_name", "shop"), new("instance", "web-1"), new("level", "info")], Format(format))), TimeSpan.Zero);
        var encoder = Format(format).CreateEncoder();
        for (var i = 0; i < 1000; i++)
        {
            var trace = random.NextInt64().ToString("x16", System.Globalization.CultureInfo.InvariantCulture);
            var (logger, line) = random.Next(4) switch
            {
                0 => ("Shop.Orders.OrderService", $"Order {random.Next(1_000_000)} of customer {random.Next(10_000)} was accepted by the warehouse in {random.Next(500)} ms, request {trace}"),
                1 => ("Shop.Web.RequestLog", $"GET /api/v2/products/{random.Next(100_000)}?page={random.Next(20)} responded 200 with {random.Next(20_000)} bytes in {random.Next(300)} ms, request {trace}"),
                2 => ("Shop.Payments.PaymentClient", $"Payment of {random.Next(100_000) / 100.0:0.00} EUR for basket {random.Next(1_000_000)} was confirmed by the provider, request {trace}"),
                _ => ("Shop.Data.Cache", $"Cache entry products:{random.Next(100_000)} has expired after {random.Next(3600)} s and is loaded again from the database, request {trace}"),
            };
            encoder.Begin(1_700_000_000_000_000_000 + (i * 1_000_000L) + random.Next(1_000_000));
            encoder.Line(line, 1000);
            encoder.Metadata("logger", logger, 1000);
            encoder.End();
            batch.Append(encoder.Entry, i);
        }

        return batch;
    }

    private static IEnumerable<Batch> Sealed(Batch batch)
    {
        batch.Seal(CompressionLevel.Fastest);
        return [batch];
    }

    private static Batch Fill(LokiFormat format, int count)
    {
        var batch = new Batch(new StreamKey("", Labels(format)), TimeSpan.Zero);
        for (var i = 0; i < count; i++)
            batch.Append(Encode(format, i), i);
        return batch;
    }

    private static LabelSet Labels(LokiFormat format) => new(s_labels, Format(format));

    private static PushFormat Format(LokiFormat format) => format == LokiFormat.Json ? PushFormat.Json : PushFormat.Protobuf;

    private static DecodedEntry Entry(int i) => new(i, i % 5 == 1 ? "" : $"line {i} \" \u00e9", i % 3 == 0 ? [] : [("number", $"{i}"), ("b", "c")]);

    private static byte[] Encode(LokiFormat format, int i)
    {
        var encoder = Format(format).CreateEncoder();
        var (nanoseconds, line, metadata) = Entry(i);
        encoder.Begin(nanoseconds);
        encoder.Line(line, 1000);
        foreach (var (name, value) in metadata)
            encoder.Metadata(name, value, 1000);
        encoder.End();
        return encoder.Entry.ToArray();
    }

    private static async Task<byte[]> SentAsync(Batch batch)
    {
        var payload = batch.Seal(CompressionLevel.Fastest);
        using var sent = new MemoryStream();
        await payload.CopyToAsync(sent, CancellationToken.None);
        Assert.That(sent.Length, Is.EqualTo(payload.Length));
        return sent.ToArray();
    }

    private static byte[] Uncompress(byte[] sent, LokiFormat format)
    {
        if (format == LokiFormat.Protobuf)
            return Snappy.Decode(sent);
        using var gzip = new GZipStream(new MemoryStream(sent), CompressionMode.Decompress);
        using var body = new MemoryStream();
        gzip.CopyTo(body);
        return body.ToArray();
    }

    private static (string Labels, List<DecodedEntry> Entries) Decode(byte[] body, LokiFormat format) =>
        format == LokiFormat.Json ? DecodedEntry.FromJsonBody(body) : DecodedEntry.FromProtobufBody(body);
}
