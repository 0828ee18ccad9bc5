using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using System.Threading.Tasks;
using NLog.Targets.Loki.Tests.Support;
using NUnit.Framework;

namespace NLog.Targets.Loki.Tests.Hostile;

/// <summary>Characters that encoders get wrong, in lines, metadata values and label values, whole and at the point of a cut.</summary>
public sealed class CharacterTests : NeighbourTests
{
    private const string Labels = "<label name=\"part\" layout=\"${event-properties:label}\" />";

    // Not test case attributes: those are stored as UTF-8, which has no form of a lone surrogate.
    private static readonly Dictionary<string, string> s_texts = new()
    {
        ["NUL"] = "a\0b",
        ["NUL only"] = "\0",
        ["every control character"] = string.Concat(Enumerable.Range(0, 32).Append(0x7F).Select(code => (char)code)),
        ["high surrogate"] = "a\uD83Db",
        ["low surrogate"] = "a\uDE00b",
        ["reversed pair"] = "a\uDE00\uD83Db",
        ["high surrogate at the end"] = "a\uD83D",
        ["two high and a low"] = "\uD83D\uD83D\uDE00",
        ["line separators"] = "a\u2028b\u2029c\u0085d",
        ["replacement character"] = "a\uFFFDb",
        ["BOM"] = "\uFEFFa\uFEFF",
        ["noncharacters"] = "\uFFFE\uFFFF\uFDD0\uFDD1\uFDD1\uFDD0",
        ["four bytes"] = "\U0001F600\U0010FFFF",
        ["CR, LF and CRLF"] = "a\rb\nc\r\nd",
        ["JSON"] = "{\"streams\":[{\"stream\":{},\"values\":[[\"1\",\"x\"]]}]}",
        ["end of an entry"] = "\"]],\\\"",
        ["backslashes"] = "\\\\\\u0000\\",
        ["labels"] = "{a=\"b\"} ` ' \" \\ \t",
        ["right to left"] = "\u202Eabc\u200F",
        ["spaces"] = "  \t ",
    };

    private static IEnumerable<string> Names => s_texts.Keys;

    [Category("P5")]
    [Category("P8")]
    [Category("R12")]
    [Category("R13")]
    [Test]
    public async Task A_text_is_stored_as_it_is_or_as_documented([ValueSource(nameof(Names))] string name, [Values] LokiFormat format)
    {
        var text = s_texts[name];
        using var logging = Logging.To(Server.Url, $"compressionLevel=\"NoCompression\" format=\"{format}\"", Labels);
        var entry = await StoredAsync(logging, logger => Log(logger, text, text, text));
        Assert.That(entry.Line, Is.EqualTo(Rewriting.Line(text, 262_144)));
        Assert.That(entry.Metadata["value"], Is.EqualTo(Rewriting.MetadataValue(text, 10_240)));
        Assert.That(entry.Labels["part"], Is.EqualTo(Rewriting.LabelValue(text)));
        AssertStrictUtf8();
    }

    [Category("P5")]
    [Category("R13")]
    [Test]
    public async Task A_character_at_the_point_of_the_cut_is_kept_whole_or_left_out(
        [Values("x", "\u00e9", "\u20ac", "\U0001F600", "high", "low", "\0", "\"", "\n")] string letter, [Range(0, 5)] int before)
    {
        // 20 bytes of line, 12 of a value, 2048 of a label: with so many bytes left for the letter.
        letter = letter switch { "high" => "\uD83D", "low" => "\uDE00", _ => letter };
        using var logging = Logging.To(Server.Url, "maxLineBytes=\"20\" maxPropertyBytes=\"12\" compressionLevel=\"NoCompression\"", Labels);
        string Text(int bytes) => new string('a', bytes - before) + letter + letter + "zzzzzz";
        var entry = await StoredAsync(logging, logger => Log(logger, Text(20), Text(12), Text(2048)));
        Assert.That(entry.Line, Is.EqualTo(Rewriting.Line(Text(20), 20)));
        Assert.That(entry.Metadata["value"], Is.EqualTo(Rewriting.MetadataValue(Text(12), 12)));
        Assert.That(entry.Labels["part"], Is.EqualTo(Rewriting.LabelValue(Text(2048))));
        Assert.That(System.Text.Encoding.UTF8.GetByteCount(entry.Line), Is.InRange(17, 20));
        Assert.That(System.Text.Encoding.UTF8.GetByteCount(entry.Labels["part"]), Is.InRange(2045, 2048));
        Assert.That(logging.Statistics.LinesTruncated, Is.EqualTo(1));
        Assert.That(logging.Statistics.LabelsCut, Is.EqualTo(1));
        Assert.That(logging.Statistics.MetadataCut, Is.EqualTo(2), "the value, and the property that the label is made of");
        AssertStrictUtf8();
    }

    [Test]
    public async Task Label_values_that_join_to_the_same_text_are_streams_of_their_own()
    {
        using var logging = Logging.To(Server.Url, "", "<label name=\"a\" layout=\"${event-properties:a}\" /><label name=\"b\" layout=\"${event-properties:b}\" />");
        var stored = await StoredAsync(logging, logger =>
        {
            logger.WithProperty("a", "x\0").WithProperty("b", "y").Info("first");
            logger.WithProperty("a", "x").WithProperty("b", "\0y").Info("second");
            logger.WithProperty("a", "1:x").WithProperty("b", "").Info("third");
            return 3;
        });
        Assert.That(stored.Select(entry => (entry.Line, entry.Labels["a"])), Is.EquivalentTo(new[] { ("first", "x\0"), ("second", "x"), ("third", "1:x") }));
    }

    private static void Log(Logger logger, string line, string value, string label)
    {
        // No parameters: braces in the line are no template.
        var logEvent = new LogEventInfo(LogLevel.Info, "test", null, line, (object?[]?)null);
        logEvent.Properties["value"] = value;
        logEvent.Properties["label"] = label;
        logger.Log(logEvent);
    }

    private void AssertStrictUtf8()
    {
        var strict = new UTF8Encoding(false, throwOnInvalidBytes: true);
        foreach (var push in Server.Pushes.Where(push => push.Headers["Content-Type"] == "application/json"))
            Assert.DoesNotThrow(() => strict.GetString(push.Body.Span));
    }
}
