using System.Text.RegularExpressions;
using NLog.Targets.Loki.Encoding;
using NLog.Targets.Loki.Rendering;
using NUnit.Framework;

namespace NLog.Targets.Loki.Tests.Encoding;

public sealed class LokiNameTests
{
    [TestCase("app", "app")]
    [TestCase("_app", "_app")]
    [TestCase("foo.bar-baz", "foo_bar_baz")]
    [TestCase("1st", "_1st")]
    [TestCase("__name__", "_name__")]
    [TestCase("日本", "label")]
    [TestCase("", "label")]
    [TestCase("_", "label")]
    public void Label_names_become_what_Loki_parses(string name, string expected)
    {
        Assert.That(LokiName.Label(name), Is.EqualTo(expected));
        Assert.That(Regex.IsMatch(LokiName.Label(name), "^[a-zA-Z_][a-zA-Z0-9_]*$"));
    }

    [TestCase("trace_id", "trace_id")]
    [TestCase("a.b-c", "a_b_c")]
    [TestCase("a__b", "a_b")]
    [TestCase("1st", "key_1st")]
    [TestCase("_", "property")]
    [TestCase("--", "property")]
    [TestCase("日本", "property")]
    [TestCase("", "property")]
    public void Metadata_names_become_what_Loki_would_make_of_them_and_never_only_underscores(string name, string expected) =>
        Assert.That(LokiName.Metadata(name), Is.EqualTo(expected));

    [TestCase("a\ufffdb", "a?b")]
    [TestCase("\ud83d\ude00", "\ud83d\ude00")]
    public void Label_values_hold_nothing_that_Loki_refuses(string value, string expected) =>
        Assert.That(LabelValue.Clean(value, out _), Is.EqualTo(expected));

    [Test]
    public void A_lone_surrogate_in_a_label_value_becomes_a_question_mark()
    {
        // Not a test case: attributes are stored as UTF-8, which has no form of it.
        Assert.That(LabelValue.Clean("a\ud800b\udc00", out _), Is.EqualTo("a?b?"));
    }

    [Test]
    public void Long_label_values_are_cut_between_characters()
    {
        Assert.That(LabelValue.Clean(new string('x', 2048), out var cut), Has.Length.EqualTo(2048));
        Assert.That(cut, Is.False);
        var emoji = "x" + new System.Text.StringBuilder().Insert(0, "\ud83d\ude00", 512);
        Assert.That(LabelValue.Clean(emoji, out cut), Has.Length.EqualTo(1 + (511 * 2)));
        Assert.That(cut, Is.True);
    }
}
