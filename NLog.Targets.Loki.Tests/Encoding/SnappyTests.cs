using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using IronSnappy;
using NLog.Targets.Loki.Encoding;
using NUnit.Framework;

namespace NLog.Targets.Loki.Tests.Encoding;

/// <summary>Our snappy blocks read by another decoder, and read back by our own.</summary>
public sealed class SnappyTests
{
    private static IEnumerable<TestCaseData> Inputs()
    {
        var random = new Random(1);
        foreach (var length in new[] { 0, 1, 3, 4, 5, 8, 59, 60, 61, 62, 255, 256, 257, 258, 16_383, 16_384, 65_535, 65_536, 65_537, 200_000 })
        {
            yield return new TestCaseData(Enumerable.Repeat((byte)'a', length).ToArray()).SetName($"{{m}}({length} times the same)");
            yield return new TestCaseData(Bytes(random, length, 256)).SetName($"{{m}}({length} at random)");
            yield return new TestCaseData(Enumerable.Range(0, length).Select(i => (byte)(i % 7)).ToArray()).SetName($"{{m}}({length} in sevens)");
        }

        // Distances and lengths on both sides of what the short form of a copy holds.
        foreach (var distance in new[] { 1, 2, 3, 4, 255, 256, 2047, 2048, 2049, 30_000, 60_000 })
        {
            foreach (var length in new[] { 4, 11, 12, 63, 64, 65, 67, 68, 69, 128, 132, 5000 })
            {
                var start = Bytes(random, distance, 256);
                var repeated = Enumerable.Range(0, length).Select(i => start[i % distance]);
                yield return new TestCaseData(start.Concat(repeated).Concat(Bytes(random, 9, 256)).ToArray()).SetName($"{{m}}({length} from {distance} before)");
            }
        }
    }

    [TestCaseSource(nameof(Inputs))]
    public void A_block_is_read_as_what_was_written(byte[] input) => AssertReadBack(input, Compress(input, input.Length), "");

    [Test]
    public void Generated_inputs_written_in_pieces_are_read_as_what_was_written()
    {
        var seed = Environment.TickCount;
        TestContext.Out.WriteLine($"seed {seed}");
        var random = new Random(seed);
        for (var i = 0; i < 300; i++)
        {
            var input = Structured(random);
            AssertReadBack(input, Compress(input, 1 + random.Next(i % 3 == 0 ? 100_000 : 700)), $"seed {seed}, input {i}");
        }
    }

    [Test]
    public void Log_text_becomes_much_smaller_and_noise_hardly_larger()
    {
        var lines = string.Concat(Enumerable.Range(0, 5000).Select(i => $"GET /api/orders/{i * 7919 % 100_000} answered 200 in {i * 31 % 977} ms for user {i * 17 % 512}\n"));
        var text = System.Text.Encoding.UTF8.GetBytes(lines);
        Assert.That(Compress(text, text.Length), Has.Length.LessThan(text.Length / 2));
        Assert.That(Compress(text, text.Length).Length, Is.LessThan(Snappy.Encode(text).Length * 1.1), "about as small as others make it");
        var noise = Bytes(new Random(1), 300_000, 256);
        Assert.That(Compress(noise, noise.Length), Has.Length.LessThan(noise.Length * 1.001));
    }

    [Test]
    public void A_block_that_breaks_off_is_an_exception_and_no_shorter_text()
    {
        var block = Compress(Bytes(new Random(1), 1000, 256), 1000);
        using var reader = new SnappyReader(new MemoryStream(block, 0, block.Length - 1));
        Assert.Throws<EndOfStreamException>(() => reader.CopyTo(Stream.Null));
    }

    private static void AssertReadBack(byte[] input, byte[] block, string which)
    {
        Assert.That(Snappy.Decode(block).AsSpan().SequenceEqual(input), which + ": by IronSnappy");
        using var reader = new SnappyReader(new MemoryStream(block));
        using var read = new MemoryStream();
        reader.CopyTo(read);
        Assert.That(read.ToArray().AsSpan().SequenceEqual(input), which + ": by our own");
    }

    private static byte[] Compress(byte[] input, int piece)
    {
        using var block = new MemoryStream();
        using (var writer = new SnappyWriter(block, input.Length))
        {
            for (var at = 0; at < input.Length; at += piece)
                writer.Write(input, at, Math.Min(piece, input.Length - at));
        }

        return block.ToArray();
    }

    // Noise, runs, and pieces of what came before, as far back as it goes.
    private static byte[] Structured(Random random)
    {
        var bytes = new List<byte>();
        var length = random.Next(10) == 0 ? random.Next(200_000) : random.Next(3000);
        while (bytes.Count < length)
        {
            switch (random.Next(4))
            {
                case 0:
                    bytes.AddRange(Bytes(random, random.Next(100), 256));
                    break;
                case 1:
                    bytes.AddRange(Bytes(random, random.Next(300), 3));
                    break;
                case 2:
                    bytes.AddRange(Enumerable.Repeat((byte)random.Next(256), random.Next(200)));
                    break;
                default:
                    var from = random.Next(bytes.Count + 1);
                    bytes.AddRange(bytes.GetRange(from, Math.Min(random.Next(500), bytes.Count - from)));
                    break;
            }
        }

        return bytes.ToArray();
    }

    private static byte[] Bytes(Random random, int length, int kinds)
    {
        var bytes = new byte[length];
        for (var i = 0; i < length; i++)
            bytes[i] = (byte)random.Next(kinds);
        return bytes;
    }
}
