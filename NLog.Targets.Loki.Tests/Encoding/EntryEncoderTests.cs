using System;
using System.Linq;
using NLog.Targets.Loki.Encoding;
using NLog.Targets.Loki.Tests.Hostile;
using NUnit.Framework;

namespace NLog.Targets.Loki.Tests.Encoding;

/// <summary>What each format's encoder writes, as other decoders read it.</summary>
[TestFixture(LokiFormat.Json)]
[TestFixture(LokiFormat.Protobuf)]
public sealed class EntryEncoderTests(LokiFormat name)
{
    private const int NoLimit = 1 << 20;

    private readonly PushFormat _format = name == LokiFormat.Json ? PushFormat.Json : PushFormat.Protobuf;

    [Test]
    public void Every_code_unit_is_written_alone_and_in_company()
    {
        var encoder = _format.CreateEncoder();
        for (var first = 0; first <= char.MaxValue; first += 64)
        {
            // Surrogates stand alone here: the next code unit is never their other half.
            var text = string.Concat(Enumerable.Range(first, 64).Select(c => (char)c + "x"));
            Assert.That(Write(encoder, 1, text, NoLimit, out var cut), Is.EqualTo(new DecodedEntry(1, Rewriting.Line(text, NoLimit), [])), $"from {first:x4}");
            Assert.That(cut, Is.False);
        }
    }

    [Test]
    public void Generated_text_is_cut_between_characters_in_lines_and_values_alike()
    {
        var seed = Environment.TickCount;
        TestContext.Out.WriteLine($"seed {seed}");
        var random = new Random(seed);
        var encoder = _format.CreateEncoder();
        for (var i = 0; i < 2000; i++)
        {
            var (line, value) = (Text(random), Text(random));
            var (mostOfLine, mostOfValue) = (1 + random.Next(200), 1 + random.Next(200));
            encoder.Begin(i);
            var lineCut = encoder.Line(line, mostOfLine);
            var valueCut = encoder.Metadata("a", value, mostOfValue);
            encoder.Metadata("b", "after", NoLimit);
            encoder.End();
            var wanted = new DecodedEntry(i, Rewriting.Line(line, mostOfLine), [("a", Rewriting.Line(value, mostOfValue)), ("b", "after")]);
            Assert.That(Decode(encoder.Entry), Is.EqualTo(wanted), $"seed {seed}, text {i}");
            Assert.That((lineCut, valueCut), Is.EqualTo((Bytes(line) > mostOfLine, Bytes(value) > mostOfValue)), $"seed {seed}, text {i}");
        }
    }

    [Test]
    public void Lengths_that_take_one_byte_more_or_less_than_expected_are_right([Values("x", "\u00e9", "\u20ac", "\U0001F600", "\n", "\u0001")] string letter)
    {
        var encoder = _format.CreateEncoder();
        foreach (var around in new[] { 0, 42, 63, 64, 100, 127, 128, 5461, 8192, 16_384, 100_000 })
        {
            for (var length = Math.Max(0, around - 3); length <= around + 3; length++)
            {
                var text = string.Concat(Enumerable.Repeat(letter, length));
                encoder.Begin(7);
                encoder.Line(text, NoLimit);
                encoder.Metadata("name", text + ".", NoLimit);
                encoder.Metadata(new string('n', length + 1), "v", NoLimit);
                encoder.End();
                Assert.That(Decode(encoder.Entry), Is.EqualTo(new DecodedEntry(7, text, [("name", text + "."), (new string('n', length + 1), "v")])), $"{length}");
            }
        }
    }

    [Test]
    public void Characters_to_escape_are_found_wherever_they_stand([Values("\"", "\\", "\u0001", "\u001f", "\n", "\u00e9", "\U0001F600", "\ud800", "\udc00")] string letter)
    {
        var encoder = _format.CreateEncoder();
        foreach (var first in new[] { 0, 1000, 2030 })
        {
            for (var before = first; before < first + 50; before++)
            {
                foreach (var after in new[] { 17, 16, 15, 1, 0 })
                {
                    var text = new string('x', before) + letter + letter + new string('y', after) + letter;
                    Assert.That(Write(encoder, 1, text, NoLimit, out _), Is.EqualTo(new DecodedEntry(1, Rewriting.Line(text, NoLimit), [])), $"{before} before, {after} after");
                }
            }
        }
    }

    [TestCase(0)]
    [TestCase(1)]
    [TestCase(999_999_999)]
    [TestCase(1_000_000_000)]
    [TestCase(1_700_000_000_000_000_001)]
    [TestCase(long.MaxValue)]
    [TestCase(-1)]
    [TestCase(-999_999_999)]
    [TestCase(-1_000_000_000)]
    [TestCase(-1_000_000_001)]
    [TestCase(-62_135_596_800_123)]
    public void Every_time_is_written_to_the_nanosecond(long nanoseconds) =>
        Assert.That(Write(_format.CreateEncoder(), nanoseconds, "line", NoLimit, out _).Nanoseconds, Is.EqualTo(nanoseconds));

    [Test]
    public void An_entry_without_its_metadata_has_the_same_time_and_line([Values(0, 3, 100, 127, 128, 200, 20_000)] int length, [Values(0, 1, 128)] int count)
    {
        var encoder = _format.CreateEncoder();
        var line = new string('"', length) + "]\\";
        encoder.Begin(-5);
        encoder.Line(line, NoLimit);
        for (var i = 0; i < count; i++)
            encoder.Metadata("name" + i, "value \"" + i, NoLimit);
        encoder.End();
        Assert.That(Decode(_format.DropMetadata(encoder.Entry.ToArray())), Is.EqualTo(new DecodedEntry(-5, line, [])));
    }

    [Test]
    public void Encoding_allocates_nothing()
    {
        var encoder = _format.CreateEncoder();
        var line = new string('x', 200) + "\u00e9\U0001F600\n";
        long Encode(int times)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            for (var i = 0; i < times; i++)
            {
                encoder.Begin(1_700_000_000_000_000_000 + i);
                encoder.Line(line, 150);
                encoder.Metadata("logger", line, NoLimit);
                encoder.End();
            }

            return GC.GetAllocatedBytesForCurrentThread() - before;
        }

        // The runtime allocates on this thread too when it compiles a method anew.
        Assert.That(Enumerable.Range(0, 20).Min(_ => Encode(1000)), Is.Zero);
    }

    private static int Bytes(string text) => System.Text.Encoding.UTF8.GetByteCount(text);

    private static string Text(Random random)
    {
        var text = new char[random.Next(150)];
        for (var i = 0; i < text.Length; i++)
        {
            text[i] = random.Next(8) switch
            {
                0 => (char)random.Next(0x20),
                1 => (char)(0x80 + random.Next(0x780)),
                2 => (char)(0xD800 + random.Next(0x400)),
                3 => (char)(0xDC00 + random.Next(0x400)),
                4 => (char)random.Next(0x10000),
                _ => (char)(0x20 + random.Next(0x60)),
            };
        }

        return new string(text);
    }

    private DecodedEntry Write(EntryEncoder encoder, long nanoseconds, string line, int maxBytes, out bool cut)
    {
        encoder.Begin(nanoseconds);
        cut = encoder.Line(line, maxBytes);
        encoder.End();
        return Decode(encoder.Entry);
    }

    private DecodedEntry Decode(ReadOnlySpan<byte> entry) =>
        name == LokiFormat.Json ? DecodedEntry.FromJson(entry) : DecodedEntry.FromProtobuf(entry);
}
