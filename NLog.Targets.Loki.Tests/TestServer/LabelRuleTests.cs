using System.Collections.Generic;
using System.Linq;
using System.Threading.Tasks;
using NLog.Targets.Loki.Testing;
using NUnit.Framework;

namespace NLog.Targets.Loki.Tests.TestServer;

/// <summary>The grammar of labels, their limits, and the labels the server adds (contract 2.4, 3, 4.2, 8.1, 11).</summary>
[TestFixture]
public sealed class LabelRuleTests : PushTests
{
    protected override LokiTestServerOptions Options => new() { Limits = new LokiLimits { MaxLabelNamesPerSeries = 3 } };

    // Contract 3: the grammar of the labels string.
    [TestCase("", "service_name=unknown_service")]
    [TestCase("{}", "service_name=unknown_service")]
    [TestCase("  { }  ", "service_name=unknown_service")]
    [TestCase("{service_name=\"s\",}", "service_name=s")]
    [TestCase("{service_name='s'}", "service_name=s")]
    [TestCase("{service_name=`s\\n`}", "service_name=s\\n")]
    [TestCase("{service_name=\"s\",e=\"\"}", "service_name=s")]
    [TestCase("{\"foo.bar\"=\"x\",service_name=\"s\"}", "foo.bar=x|service_name=s")]
    [TestCase("foo{service_name=\"s\"}", "__name__=foo|service_name=s")]
    [TestCase("foo:bar", "__name__=foo:bar|service_name=unknown_service")]
    [TestCase("{\"foo\",service_name=\"s\"}", "__name__=foo|service_name=s")]
    [TestCase("{service_name=\"\\a\\t\\\\\\\"\\x41\\u00e9\\U0001F600\\101\"}", "service_name=\a\t\\\"A\u00e9\U0001F600A")]
    [TestCase("{service_name=\"\\xc3\\xa9\"}", "service_name=\u00e9")]
    [TestCase("{service_name=\"\\303\\251\"}", "service_name=\u00e9")]
    [TestCase("{service_name=\"\\xff\"}", "service_name=\uFFFD")]
    [TestCase("{service_name=\"s\" # a comment}\n}", "service_name=s")]
    [TestCase("# before\r{service_name=\"s\"}# behind", "service_name=s")]
    public async Task Labels_in_writing_are_read(string labels, string expected)
    {
        var answer = await Client.ProtobufAsync(PushClient.Protobuf(labels));
        Assert.That(answer, Is.EqualTo(new PushAnswer(204, "")));
        Assert.That(string.Join('|', Server.Entries.Single().Labels.Select(label => $"{label.Key}={label.Value}")), Is.EqualTo(expected));
    }

    [TestCase("{a}", "1:3: parse error: unexpected \"}\" in label set, expected \"=\"")]
    [TestCase("{a=~\"x\"}", "1:3: parse error: unexpected <op:=~> in label set, expected \"=\"")]
    [TestCase("{a!=\"x\"}", "1:3: parse error: unexpected <op:!=> in label set, expected \"=\"")]
    [TestCase("{a=b}", "1:4: parse error: unexpected identifier \"b\" in label set, expected string")]
    [TestCase("{a=\"b\" c=\"d\"}", "1:8: parse error: unexpected identifier \"c\" in label set, expected \",\" or \"}\"")]
    [TestCase("{,}", "1:2: parse error: unexpected \",\" in label set, expected identifier or \"}\"")]
    [TestCase("{a=\"b\"", "1:7: parse error: unexpected end of input inside braces")]
    [TestCase("{a=\"b", "1:4: parse error: unterminated quoted string")]
    [TestCase("{a=`b", "1:4: parse error: unterminated raw string")]
    [TestCase("{a=\"\\q\"}", "1:4: parse error: unknown escape sequence U+0071 'q'")]
    [TestCase("{a=\"\\x4g\"}", "1:4: parse error: illegal character U+0067 'g' in escape sequence")]
    [TestCase("{a=\"\\ud800\"}", "1:4: parse error: escape sequence is an invalid Unicode code point")]
    [TestCase("{a=\"\\777\"}", "1:4: parse error: escape sequence is an invalid Unicode code point")]
    [TestCase("{a#b=\"x\"}", "1:10: parse error: unexpected end of input inside braces")]
    [TestCase("{a\\=\"x\"}", "1:3: parse error: unexpected character inside braces: '\\\\'")]
    [TestCase("{a\u00a0=\"x\"}", "1:3: parse error: unexpected character inside braces: '\\u00a0'")]
    [TestCase("{a\u0001=\"x\"}", "1:3: parse error: unexpected character inside braces: '\\x01'")]
    [TestCase("{a!'}", "1:3: parse error: unexpected character after '!' inside braces: '\\''")]
    [TestCase("{a=\"\\\u200b\"}", "1:4: parse error: unknown escape sequence U+200B")]
    [TestCase("{a=\"b\"}}", "1:8: parse error: unexpected character: '}'")]
    [TestCase("{{", "1:2: parse error: unexpected left brace '{'")]
    [TestCase("{\n a-b=\"x\"}", "2:3: parse error: unexpected character inside braces: '-'")]
    public async Task A_fault_in_labels_refuses_the_whole_push(string labels, string text)
    {
        var message = new List<byte>(PushClient.Protobuf("{good=\"1\"}"));
        message.AddRange(PushClient.Protobuf(labels));
        Assert.That(await Client.ProtobufAsync([.. message]), Is.EqualTo(new PushAnswer(400, $"couldn't parse labels: {text}\n")));
        Assert.That(Server.EntryCount, Is.Zero);
    }

    // Contract 8.1: the first source of the list, not of the labels.
    [TestCase("{job=\"j\",app=\"a\"}", "a")]
    [TestCase("{app=\"\",container=\"c\"}", "c")]
    [TestCase("{zone=\"z\"}", "unknown_service")]
    [TestCase("{service=\"s\",service_name=\"own\"}", "own")]
    public async Task The_service_name_is_found(string labels, string expected)
    {
        await Client.ProtobufAsync(PushClient.Protobuf(labels));
        Assert.That(Server.Entries.Single().Labels["service_name"], Is.EqualTo(expected));
    }

    // Contract 4.2: service_name does not count, at the limit passes, a repeated name refuses its stream only.
    [TestCase("{a=\"1\",b=\"2\",c=\"3\"}", 204, "")]
    [TestCase("{a=\"1\",b=\"2\",c=\"3\",d=\"4\"}", 400, "entry for stream '{a=\"1\", b=\"2\", c=\"3\", d=\"4\", service_name=\"unknown_service\"}' has 4 label names; limit 3\n")]
    [TestCase("{a=\"1\",b=\"2\",c=\"3\",\"foo.bar\"=\"4\"}", 400, "entry for stream '{a=\"1\", b=\"2\", c=\"3\", \"foo.bar\"=\"4\", service_name=\"unknown_service\"}' has 4 label names; limit 3\n")]
    [TestCase("{n=\"2\",n=\"1\"}", 400, "stream '{n=\"2\", n=\"1\", service_name=\"unknown_service\"}' has duplicate label name: 'n'\n")]
    public async Task A_stream_past_the_limits_of_labels_is_refused_alone(string labels, int status, string text)
    {
        var message = new List<byte>(PushClient.Protobuf(labels));
        message.AddRange(PushClient.Protobuf("{good=\"1\"}", "good"));
        Assert.That(await Client.ProtobufAsync([.. message]), Is.EqualTo(new PushAnswer(status, text)));
        Assert.That(Server.Entries.Select(entry => entry.Line), Does.Contain("good"));
    }

    // The distributor parses labels again as it printed them (parseStreamLabels), which is where an escaped U+FFFD shows.
    [TestCase("{a=\"\\ufffd\"}", "{a=\"\uFFFD\", service_name=\"unknown_service\"}", "1:4")]
    [TestCase("{\"x\\ufffd\"=\"1\"}", "{service_name=\"unknown_service\", \"x\uFFFD\"=\"1\"}", "1:34")]
    public async Task A_replacement_character_by_an_escape_refuses_its_stream_only(string labels, string printed, string at)
    {
        var message = new List<byte>(PushClient.Protobuf(labels));
        message.AddRange(PushClient.Protobuf("{good=\"1\"}", "good"));
        Assert.That(await Client.ProtobufAsync([.. message]), Is.EqualTo(new PushAnswer(400, $"error parsing labels '{printed}' with error: {at}: parse error: invalid UTF-8 rune\n")));
        Assert.That(Server.Entries.Single().Line, Is.EqualTo("good"));
        Assert.That(Server.Discarded["invalid_labels"], Is.EqualTo(1));
    }

    // Contract 2.4: streams of Loki itself are not judged.
    [Test]
    public async Task An_internal_stream_gets_no_service_name_and_no_check()
    {
        Assert.That((await Client.ProtobufAsync(PushClient.Protobuf("{__pattern__=\"p\",a=\"1\",b=\"2\",c=\"3\",d=\"4\"}"))).Status, Is.EqualTo(204));
        Assert.That(Server.Entries.Single().Labels.Keys, Is.EqualTo(new[] { "__pattern__", "a", "b", "c", "d" }));
    }

    // Contract 11: old data under a shard of its own.
    [Test]
    public async Task The_backfill_header_lifts_the_age_limit_and_shows_as_labels()
    {
        var old = PushClient.Now() - (30L * 24 * 3600 * 1_000_000_000);
        var body = $$"""{"streams":[{"stream":{"service_name":"s"},"values":[["{{old}}","x"]]}]}""";
        Assert.That((await Client.JsonAsync(body)).Status, Is.EqualTo(400));
        Assert.That((await Client.JsonAsync(body, headers: ("X-Loki-Backfill-Shard", "w1"))).Status, Is.EqualTo(204));
        Assert.That(Server.Entries.Single().Labels, Is.EquivalentTo(new Dictionary<string, string>
        {
            ["__backfill__"] = "true",
            ["__backfill_shard__"] = "w1",
            ["service_name"] = "s",
        }));
        Assert.That(
            (await Client.JsonAsync(body, headers: ("X-Loki-Backfill-Shard", new string('w', 129)))).Body,
            Is.EqualTo("invalid X-Loki-Backfill-Shard header: value length 129 exceeds limit of 128\n"));
    }
}
