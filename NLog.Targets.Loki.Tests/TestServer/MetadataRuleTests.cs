using System.Linq;
using System.Threading.Tasks;
using NUnit.Framework;

namespace NLog.Targets.Loki.Tests.TestServer;

/// <summary>Structured metadata as the server rewrites it (contract 2.6) and the level it finds (contract 8.2).</summary>
[TestFixture]
public sealed class MetadataRuleTests : PushTests
{
    [TestCase("""{"a.b-c":"1"}""", "a_b_c=1")]
    [TestCase("""{"a__b":"1"}""", "a_b=1")]
    [TestCase("""{"_a":"1"}""", "_a=1")]
    [TestCase("""{"1a":"1"}""", "key_1a=1")]
    [TestCase("""{"__x__":"1"}""", "__x__=1")]
    [TestCase("""{"__a.b__":"1"}""", "__a_b__=1")]
    [TestCase("""{"\u017elu\u0165":"1"}""", "_lu_=1")]
    [TestCase("""{"a.b":"1","a-b":"2"}""", "a_b=2")]
    [TestCase("""{"a.b":"1","a_b":"2"}""", "a_b=1")]
    [TestCase("""{"a_b":"2","a.b":"1"}""", "a_b=1")]
    [TestCase("""{"k":"1","k":"2"}""", "k=2")]
    [TestCase("""{"k":"","l":"x"}""", "l=x")]
    [TestCase("""{"k":"a\ufffdb"}""", "k=a b")]
    [TestCase("""{"k":"a\ufffd","k":"b\ufffd"}""", "k=b\uFFFD")]
    [TestCase("""{"k":"a\ufffd","k":"b"}""", "k=b")]
    [TestCase("""{"k":"","k":"b"}""", "")]
    [TestCase("""{"z":"1","a.b":"x\ufffd"}""", "a_b=x |z=1")]
    [TestCase("""{"k":"\u0041\n"}""", "k=A\n")]
    public async Task Names_and_values_are_rewritten(string metadata, string expected)
    {
        Assert.That(await PushAsync("x", metadata), Is.EqualTo(new PushAnswer(204, "")));
        Assert.That(
            string.Join('|', Server.Entries.Single().Metadata.Where(pair => pair.Key != "detected_level").Select(pair => $"{pair.Key}={pair.Value}")),
            Is.EqualTo(expected));
    }

    [TestCase("", "label name is empty")]
    [TestCase("--", "normalization for label name \"--\" resulted in invalid name \"_\"")]
    [TestCase("____", "normalization for label name \"____\" resulted in invalid name \"____\"")]
    public async Task A_name_of_which_nothing_is_left_fails_the_push_for_ever(string name, string text)
    {
        Assert.That(await PushAsync("x", $$"""{"{{name}}":"1"}"""), Is.EqualTo(new PushAnswer(500, text + "\n")));
        Assert.That(Server.EntryCount, Is.Zero);
    }

    // Contract 8.2: metadata before the line, the table, numbers of severity.
    [TestCase("""{"detected_level":"WRN"}""", "x", "warn")]
    [TestCase("""{"detected_level":"odd"}""", "error", "odd")]
    [TestCase("""{"level":"Notice"}""", "error", "Notice")]
    [TestCase("""{"lvl":"dbg","severity":"CRITICAL"}""", "x", "critical")]
    [TestCase("""{"log.level":"error"}""", "x", "unknown")]
    [TestCase("""{"severity_number":"17"}""", "info", "error")]
    [TestCase("""{"severity_number":"0"}""", "info", "unknown")]
    [TestCase("""{"severity_number":"25"}""", "info", "unknown")]
    [TestCase("""{"severity_number":"3000000000"}""", "info", "unknown")]
    [TestCase("""{"severity_number":"9223372036854775808"}""", "error", "info")]
    [TestCase("""{"severity_number":"-1"}""", "info", "trace")]
    [TestCase("""{"severity_number":"x"}""", "error", "info")]

    // JSON lines: exact keys, two levels, texts only; the first such key decides.
    [TestCase("{}", """{"level":"error"}""", "error")]
    [TestCase("{}", """ {"a":{"Severity":"wrn"}} """, "warn")]
    [TestCase("{}", """{"a":{"b":{"level":"wrn"}}}""", "unknown")]
    [TestCase("{}", """{"lEvEl":"wrn"}""", "unknown")]
    [TestCase("{}", """{"level":5,"lvl":"inf"}""", "info")]
    [TestCase("{}", """{"level":"none","lvl":"wrn"}""", "unknown")]
    [TestCase("{}", """{"level":"none","msg":"a fatal end"}""", "fatal")]
    [TestCase("{}", """{"a":[{"level":"wrn"}]}""", "unknown")]

    // Loki's reader is lenient: raw controls, escapes that are none, a comma too many.
    [TestCase("{}", "{\"msg\":\"error\tx\",\"level\":\"info\"}", "info")]
    [TestCase("{}", """{"path":"C:\x error","level":"info"}""", "info")]
    [TestCase("{}", """{"a":1,"level":"wrn",}""", "warn")]
    [TestCase("{}", """{"lev\u0065l":"wrn"}""", "warn")]

    // Logfmt: keys regardless of case, the list decides, up to the first fault.
    [TestCase("{}", "ts=1 LeVeL=wrn", "warn")]
    [TestCase("{}", "lvl=wrn level=dbg", "debug")]
    [TestCase("{}", "level=none lvl=wrn", "unknown")]
    [TestCase("{}", "msg=\"level=wrn\" level=inf", "info")]
    [TestCase("{}", "a=b=c level=wrn", "unknown")]
    [TestCase("{}", "level=\"wrn\"", "warn")]
    [TestCase("{}", "x= level=trc", "trace")]

    // Logfmt knows JSON's escapes and that of the single quote; any other ends the line.
    [TestCase("{}", """path="C:\.x" level=dbg""", "unknown")]
    [TestCase("{}", """path="\a" level=dbg""", "unknown")]
    [TestCase("{}", """path="\x41" level=dbg""", "unknown")]
    [TestCase("{}", """path="\/\'\u0041\n" level=dbg""", "debug")]
    [TestCase("{}", """level="\u0064bg" """, "debug")]

    // Words: the earliest with a boundary on both sides.
    [TestCase("{}", "a warning, then an error", "warn")]
    [TestCase("{}", "[ERR] gone", "error")]
    [TestCase("{}", "misc:error", "unknown")]
    [TestCase("{}", "errors", "unknown")]
    [TestCase("{}", "a|debug|b", "debug")]
    [TestCase("{}", "'trace'", "trace")]
    [TestCase("{}", "Critical!", "critical")]
    [TestCase("{}", "wrn", "unknown")]
    [TestCase("{}", "", "unknown")]
    public async Task The_level_is_found(string metadata, string line, string level)
    {
        await PushAsync(line, metadata);
        Assert.That(Server.Entries.Single().Metadata["detected_level"], Is.EqualTo(level));
    }

    [TestCase(2, "unknown")]
    [TestCase(3, "warn")]
    [TestCase(0, "warn")]
    public async Task The_level_is_looked_for_in_the_configured_fields_down_to_the_configured_depth(int depth, string level)
    {
        Server.Limits = Server.Limits with { LogLevelFields = ["importance"], LogLevelFromJsonMaxDepth = depth };
        await PushAsync("""{"level":"dbg","a":{"b":{"importance":"wrn"}}}""", "{}");
        Assert.That(Server.Entries.Single().Metadata["detected_level"], Is.EqualTo(level));
    }

    private Task<PushAnswer> PushAsync(string line, string metadata) => Client.JsonAsync(
        $$"""{"streams":[{"stream":{"service_name":"a"},"values":[["{{PushClient.Now()}}",{{System.Text.Json.JsonSerializer.Serialize(line)}},{{metadata}}]]}]}""");
}
