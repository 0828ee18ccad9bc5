using System.Collections.Generic;
using System.Linq;
using System.Threading.Tasks;
using NUnit.Framework;

namespace NLog.Targets.Loki.Tests.TestServer;

/// <summary>JSON bodies of both push paths (contract 1.4, 2.1 to 2.3, 2.5 to 2.8). <c>NOW</c> stands for the time.</summary>
[TestFixture]
public sealed class JsonPushTests : PushTests
{
    private const string Legacy = "/api/prom/push";

    // Contract 1.4 and 2.1.
    [TestCase("""{"streams":null}""", 422)]
    [TestCase("""{"other":{"deep":[1,{"x":null}]}}""", 422)]
    [TestCase("""{"streams":[null]}""", 400)]
    [TestCase("""{"streams":[{"stream":{"a":"b"},"values":[]}]}""", 204)]
    [TestCase("""{"streams":[{"stream":{"a":"b"},"values":null}]}""", 204)]
    [TestCase("""{"streams":[{"stream":{"a":"b"}}]}""", 204)]
    [TestCase("""{"streams":[{"stream":{"a-b":"b"},"values":[]}]}""", 400)]
    [TestCase("[]", 400)]
    [TestCase("  ", 400)]
    [TestCase("""{"streams":[{"stream":{"a":"b"},"values":[["NOW","x"]]}""", 400)]
    [TestCase("""{"streams":{}}""", 400)]

    // Contract 2.2: entries.
    [TestCase("""{"streams":[{"stream":{},"values":[["NOW",null]]}]}""", 400)]
    [TestCase("""{"streams":[{"stream":{},"values":[["NOW",true]]}]}""", 400)]
    [TestCase("""{"streams":[{"stream":{},"values":[[null,"x"]]}]}""", 400)]
    [TestCase("""{"streams":[{"stream":{},"values":[["007","x"]]}]}""", 400)]
    [TestCase("""{"streams":[{"stream":{},"values":[["9223372036854775808","x"]]}]}""", 400)]
    [TestCase("""{"streams":[{"stream":{},"values":[["NOW","x",null]]}]}""", 400)]
    [TestCase("""{"streams":[{"stream":{},"values":[["NOW","x",[]]]}]}""", 400)]
    [TestCase("""{"streams":[{"stream":{},"values":[["NOW","x",{"a":null}]]}]}""", 400)]
    [TestCase("""{"streams":[{"stream":{},"values":[["NOW","x",{"a":true}]]}]}""", 400)]
    [TestCase("""{"streams":[{"stream":{},"values":[["NOW","x",{"structuredMetadata":{"a":"b"}}]]}]}""", 400)]
    [TestCase("""{"streams":[{"stream":{},"values":["NOW"]}]}""", 400)]
    [TestCase("""{"streams":[{"stream":{},"values":{}}]}""", 400)]

    // Contract 2.3 and 2.5.
    [TestCase("""{"streams":[{"stream":null,"values":[["NOW","x"]]}]}""", 400)]
    [TestCase("""{"streams":[{"stream":"","values":[["NOW","x"]]}]}""", 400)]
    [TestCase("""{"streams":[{"stream":"{a=\"b\"}","values":[["NOW","x"]]}]}""", 400)]
    [TestCase("""{"streams":[{"stream":"{\"a\":\"b\"}","values":[["NOW","x"]]}]}""", 400)]
    [TestCase("""{"streams":[{"stream":{},"values":[["NOW","\ud800x"]]}]}""", 400)]
    [TestCase("""{"streams":[{"stream":{},"values":[["NOW","\q"]]}]}""", 400)]
    [TestCase("""{"streams":[{"stream":{},"values":[["NOW","\ud800\u0041"]]}]}""", 400)]
    [TestCase("""{"streams":[{"stream":{"a\\q":"b"},"values":[["NOW","x"]]}]}""", 400)]
    [TestCase("{\"streams\":[{\"stream\":{},\"values\":[[\"NOW\",\"a\nb\"]]}]}", 400)]
    public async Task A_body_without_entries_or_with_a_fault_stores_nothing(string body, int status)
    {
        var answer = await Client.JsonAsync(Fill(body));
        Assert.That(answer.Status, Is.EqualTo(status), answer.Body);
        Assert.That(Server.EntryCount, Is.Zero);
    }

    [TestCase("""{"Streams":[{"stream":{},"values":[["NOW","x"]]}]}""")]
    [TestCase("""{"unknown":[1],"streams":[{"more":{},"stream":{},"values":[null,["NOW","x",{},5,null]]}]} behind""")]
    [TestCase("""{"streams":[{"values":[["NOW","y"]],"stream":{"a":"b"},"stream":{},"values":[["NOW","x"]]}]}""")]
    [TestCase("""{"streams":[{"stream":{},"values":[["NOW","x"]],"values":null}]}""")]
    [TestCase("""{"str\u0065ams":[{"str\u0065am":{},"values":[["NOW","\u0078"]]}]}""")]
    [TestCase("""{"streams":[{"stream":" { }x","values":[["NOW","x"]]}]}""")]
    public async Task Odd_but_sound_bodies_are_stored(string body)
    {
        Assert.That(await Client.JsonAsync(Fill(body)), Is.EqualTo(new PushAnswer(204, "")));
        var entry = Server.Entries.Single();
        Assert.That(entry.Line, Is.EqualTo("x"));
        Assert.That(entry.Labels, Is.EquivalentTo(new Dictionary<string, string> { ["service_name"] = "unknown_service" }));
    }

    // Contract 2.1: control characters are looked for up to the first backslash of a string.
    [Test]
    public async Task A_raw_newline_behind_a_backslash_passes()
    {
        Assert.That((await Client.JsonAsync(Fill("{\"streams\":[{\"stream\":{},\"values\":[[\"NOW\",\"a\\tb\nc\"]]}]}"))).Status, Is.EqualTo(204));
        Assert.That(Server.Entries.Single().Line, Is.EqualTo("a\tb\nc"));
    }

    // jsonparser (escape.go) asks of the second half of a pair only that it is none of the first kind.
    [TestCase("""\ud83d\ude00""", "\U0001F600")]
    [TestCase("""\ud800\ue000""", "\U00010400")]
    [TestCase("""\udc00\udc00""", "\uFFFD")]
    [TestCase("""\"\\\/\b\f\n\r\t\u0041""", "\"\\/\b\f\n\r\tA")]
    public async Task Escapes_are_undone(string written, string line)
    {
        Assert.That(await Client.JsonAsync(Fill($$"""{"streams":[{"stream":{},"values":[["NOW","{{written}}"]]}]}""")), Is.EqualTo(new PushAnswer(204, "")));
        Assert.That(Server.Entries.Single().Line, Is.EqualTo(line));
    }

    // Contract 2.2: [] is Go's zero time, a text of zero is 1970.
    [TestCase("[]", "0001-01-01T00:00:00Z")]
    [TestCase("""["0","x"]""", "1970-01-01T00:00:00Z")]
    [TestCase("""["-","x"]""", "1970-01-01T00:00:00Z")]
    [TestCase("""["-9223372036854775808","x"]""", "1677-09-21T00:12:43Z")]
    public async Task A_time_long_ago_is_too_old(string entry, string time)
    {
        var answer = await Client.JsonAsync($$"""{"streams":[{"stream":{"service_name":"a"},"values":[{{entry}}]}]}""");
        Assert.That(answer.Body, Does.StartWith($"entry for stream '{{service_name=\"a\"}}' has timestamp too old: {time}, oldest acceptable timestamp is: "));
    }

    // Contract 2.3: other types become text, of a repeated name the last one wins.
    [Test]
    public async Task Label_values_of_other_types_become_text()
    {
        await Client.JsonAsync(Fill("""{"streams":[{"stream":{"a":1.50,"b":true,"c":null,"d":{"x": [1]},"e":"first","e":"last","f":{"x":"1\n2"},"g\\u0041":"x","service_name":"s"},"values":[["NOW","x"]]}]}"""));
        Assert.That(Server.Entries.Single().Labels, Is.EquivalentTo(new Dictionary<string, string>
        {
            ["a"] = "1.50",
            ["b"] = "true",
            ["c"] = "null",
            ["d"] = "{\"x\": [1]}",
            ["e"] = "last",
            ["f"] = "{\"x\":\"1\n2\"}",
            ["gA"] = "x",
            ["service_name"] = "s",
        }));
    }

    // Contract 2.4 and 2.5: bytes that are no UTF-8 pass in a line and in a label value, where a U+FFFD does not.
    [Test]
    public async Task Bytes_that_are_no_UTF8_pass_in_lines_and_label_values()
    {
        var body = PushClient.Utf8(Fill("""{"streams":[{"stream":{"a":"x~y","service_name":"s"},"values":[["NOW","1~2"]]}]}"""));
        var broken = body.Select(next => next == (byte)'~' ? (byte)0xff : next).ToArray();
        Assert.That((await Client.SendAsync(broken, "application/json")).Status, Is.EqualTo(204));
        Assert.That(Server.Entries.Single().Labels["a"], Is.EqualTo("x\uFFFDy"));
        Assert.That(Server.Entries.Single().Line, Is.EqualTo("1\uFFFD2"));
        Assert.That((await Client.JsonAsync(Fill("""{"streams":[{"stream":{"a":"\ufffd"},"values":[["NOW","x"]]}]}"""))).Body, Is.EqualTo("couldn't parse labels: 1:4: parse error: invalid UTF-8 rune\n"));
    }

    // Contract 2.8.
    [Test]
    public async Task The_legacy_form_is_stored_from_its_path()
    {
        var answer = await Client.JsonAsync(
            """{"streams":[{"labels":"{b=\"2\", app=\"x\"}","entries":[{"ts":"TIME.123456789+02:00","line":"one"},{"Ts":"TIMEZ","LINE":"two","structuredMetadata":{"k":"v"}}]}]}"""
                .Replace("TIME.123456789+02:00", Time(2).Replace("Z", ".123456789+02:00"), System.StringComparison.Ordinal)
                .Replace("TIMEZ", Time(0), System.StringComparison.Ordinal),
            path: Legacy);
        Assert.That(answer, Is.EqualTo(new PushAnswer(204, "")));
        var (one, two) = (Server.Entries.Single(entry => entry.Line == "one"), Server.Entries.Single(entry => entry.Line == "two"));
        Assert.That(one.TimestampNanoseconds - two.TimestampNanoseconds, Is.EqualTo(123456789));
        Assert.That(one.Labels, Is.EquivalentTo(new Dictionary<string, string> { ["app"] = "x", ["b"] = "2", ["service_name"] = "x" }));
        Assert.That(two.Metadata["k"], Is.EqualTo("v"));
    }

    [TestCase("""{"streams":[{"stream":{"a":"b"},"values":[["NOW","lost"]]}]}""", Legacy, 204)]
    [TestCase("""{"streams":[{"labels":"{a=\"b\"}","entries":[{"ts":"2026-01-01T00:00:00Z","line":"lost"}]}]}""", PushClient.Path, 204)]
    [TestCase("""{"streams":[]}""", Legacy, 422)]
    [TestCase("""{"streams":[{"labels":"{a","entries":[]}]}""", Legacy, 400)]
    [TestCase("""{"streams":[{"labels":"{}","entries":[{"ts":"1700000000000000000","line":"x"}]}]}""", Legacy, 400)]
    [TestCase("""{"streams":[{"labels":"{}","entries":[{"ts":1700000000,"line":"x"}]}]}""", Legacy, 400)]
    [TestCase("""{"streams":[{"labels":"{}","entries":[{"line":"no time"}]}]}""", Legacy, 400)]
    public async Task Each_path_knows_only_its_own_form(string body, string path, int status)
    {
        Assert.That((await Client.JsonAsync(Fill(body), path: path)).Status, Is.EqualTo(status));
        Assert.That(Server.EntryCount, Is.Zero);
    }

    [Test]
    public async Task Both_paths_take_protobuf()
    {
        var body = IronSnappy.Snappy.Encode(PushClient.Protobuf("{a=\"b\"}"));
        Assert.That((await Client.SendAsync(body, "application/x-protobuf", path: Legacy)).Status, Is.EqualTo(204));
        Assert.That(Server.EntryCount, Is.EqualTo(1));
    }

    private static string Fill(string body) =>
        body.Replace("NOW", PushClient.Now().ToString(System.Globalization.CultureInfo.InvariantCulture), System.StringComparison.Ordinal);

    private static string Time(int hoursAhead) =>
        System.DateTime.UtcNow.AddHours(hoursAhead).ToString("yyyy-MM-dd'T'HH:'00:00Z'", System.Globalization.CultureInfo.InvariantCulture);
}
