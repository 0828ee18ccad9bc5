using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text.Json;
using System.Threading.Tasks;
using NUnit.Framework;

namespace NLog.Targets.Loki.Tests.TestServer;

/// <summary>Queries, labels, series and operations of the test server (contract 10).</summary>
[TestFixture]
public sealed class ReadBackTests : PushTests
{
    private const string Range = "/loki/api/v1/query_range";

    private long _now;

    [SetUp]
    public async Task Push()
    {
        _now = PushClient.Now();
        await Client.JsonAsync($$$"""
            {"streams":[
             {"stream":{"app":"a","env":"test"},"values":[
              ["{{{_now - 7_200_000_000_000}}}","two hours ago"],
              ["{{{_now - 60_000_000_000}}}","error one <&>",{"trace":"t1","app":"other"}],
              ["{{{_now - 30_000_000_000}}}","{\"status\":\"500\",\"http\":{\"path\":\"/x\"},\"n\":5}",{"trace":"t2","__error__":"gone"}]]},
             {"stream":{"app":"b"},"values":[["{{{_now - 45_000_000_000}}}","plain two"]]}]}
            """);
    }

    // 10.1 and 10.2: newest first, the last hour, no more than the limit.
    [TestCase("{app=~\"a|b\"}", "", "{..}|plain two|error one <&>")]
    [TestCase("{app=~\"a|b\"}", "&direction=FORWARD", "error one <&>|plain two|{..}")]
    [TestCase("{app=~\"a|b\"}", "&limit=1", "{..}")]
    [TestCase("{app=~\"a|b\"}", "&since=3h", "{..}|plain two|error one <&>|two hours ago")]
    [TestCase("{app=\"a\"}", "&since=1h30m", "{..}|error one <&>")]
    [TestCase("{app!=\"a\",app=~\".+\"}", "", "plain two")]
    [TestCase("{app!~\"a.*\",service_name=~\".+\"}", "", "plain two")]
    [TestCase("{app=~\".\"} |= \"two\"", "", "plain two")]
    [TestCase("{app=~\".\"} != \"two\" |~ \"err.r\"", "", "error one <&>")]
    [TestCase("{app=~\".\"} !~ \"e\"", "", "{..}|plain two")]
    [TestCase("{app=~\".\"} | trace=\"t1\"", "", "error one <&>")]
    [TestCase("{app=~\".\"} | json | status=\"500\"", "", "{..}")]
    [TestCase("{app=~\".\"} | json | http_path=~\"/.*\"", "", "{..}")]
    public async Task Lines_are_selected(string query, string parameters, string expected)
    {
        var answer = await Client.GetAsync($"{Range}?query={Uri.EscapeDataString(query)}{parameters}");
        Assert.That(answer.Status, Is.EqualTo(200), answer.Body);
        var lines = Values(answer).OrderBy(value => parameters.Contains("FORWARD", StringComparison.Ordinal) ? value.Time : -value.Time)
            .Select(value => value.Line.StartsWith('{') ? "{..}" : value.Line);
        Assert.That(string.Join('|', lines), Is.EqualTo(expected));
    }

    // 10.1: seconds, float seconds, nanoseconds, RFC 3339; the start belongs to the range and the end does not.
    [Test]
    public async Task Times_are_read_in_all_forms()
    {
        var at = _now - 45_000_000_000;
        string[] starts =
        [
            at.ToString(CultureInfo.InvariantCulture),
            ((at / 1_000_000_000) - 1).ToString(CultureInfo.InvariantCulture),
            ((at / 1e9) - 0.5).ToString("F3", CultureInfo.InvariantCulture),
            DateTime.UnixEpoch.AddTicks(at / 100).AddSeconds(-1).ToString("yyyy-MM-dd'T'HH:mm:ss.fffffff'Z'", CultureInfo.InvariantCulture),
        ];
        foreach (var start in starts)
        {
            var answer = await Client.GetAsync($"{Range}?query={{app=\"b\"}}&start={start}&end={at + 1}");
            Assert.That(Values(answer).Select(value => value.Line), Is.EqualTo(new[] { "plain two" }), start);
        }

        Assert.That(Values(await Client.GetAsync($"{Range}?query={{app=\"b\"}}&start={at - 1}&end={at}")), Is.Empty);
    }

    // 10.2: merged by default, one result stream for each set of metadata; apart with the header.
    [Test]
    public async Task Metadata_comes_merged_or_apart()
    {
        var query = $"{Range}?query={Uri.EscapeDataString("{app=\"a\"} |= \"error\"")}";
        var merged = Results(await Client.GetAsync(query)).Single();
        Assert.That(Labels(merged.GetProperty("stream")), Is.EqualTo("app=a,app_extracted=other,detected_level=error,env=test,service_name=a,trace=t1"));
        Assert.That(merged.GetProperty("values")[0].GetArrayLength(), Is.EqualTo(2));

        var answer = await Client.GetAsync(query, "categorize-labels");
        var apart = Results(answer).Single();
        Assert.That(answer.Body, Does.Contain("\"encodingFlags\":[\"categorize-labels\"]").And.EndWith("\n"));
        Assert.That(Labels(apart.GetProperty("stream")), Is.EqualTo("app=a,env=test,service_name=a"));
        Assert.That(Labels(apart.GetProperty("values")[0][2].GetProperty("structuredMetadata")), Is.EqualTo("app_extracted=other,detected_level=error,trace=t1"));
    }

    [Test]
    public async Task Parsed_labels_are_a_category_and_the_error_of_metadata_vanishes()
    {
        var answer = await Client.GetAsync($"{Range}?query={Uri.EscapeDataString("{app=\"a\"} |= \"status\" | json")}", "categorize-labels");
        var value = Results(answer).Single().GetProperty("values")[0][2];
        Assert.That(Labels(value.GetProperty("parsed")), Is.EqualTo("http_path=/x,n=5,status=500"));
        Assert.That(Labels(value.GetProperty("structuredMetadata")), Is.EqualTo("detected_level=unknown,trace=t2"));
    }

    [TestCase("{}", "parse error : queries require at least one regexp or equality matcher that does not have an empty-compatible value. For instance, app=~\".*\" does not meet this requirement, but app=~\".+\" will")]
    [TestCase("{app=\"a\"}&limit=0", "limit must be a positive value")]
    [TestCase("{app=\"a\"}&limit=5001", "max entries limit per query exceeded, limit > max_entries_limit_per_query (5001 > 5000)")]
    [TestCase("{app=\"a\"}&direction=x", "invalid direction 'x'")]
    [TestCase("{app=\"a\"}&start=20&end=10", "end timestamp must not be before or equal to start time")]
    public async Task A_bad_query_is_refused_without_a_newline(string query, string text) =>
        Assert.That(await Client.GetAsync($"{Range}?query={query}"), Is.EqualTo(new PushAnswer(400, text)));

    // 10.3: metadata is neither a label nor part of a series; labels leave data out when there is none.
    [TestCase("labels", "{\"status\":\"success\",\"data\":[\"app\",\"env\",\"service_name\"]}\n")]
    [TestCase("labels?query={app=\"b\"}", "{\"status\":\"success\",\"data\":[\"app\",\"service_name\"]}\n")]
    [TestCase("label/app/values", "{\"status\":\"success\",\"data\":[\"a\",\"b\"]}\n")]
    [TestCase("label/trace/values", "{\"status\":\"success\"}\n")]
    [TestCase("labels?start=10&end=20", "{\"status\":\"success\"}\n")]
    [TestCase("series?match[]={app=\"b\"}", "{\"status\":\"success\",\"data\":[{\"app\":\"b\",\"service_name\":\"b\"}]}\n")]
    [TestCase("series?match={app=\"none\"}", "{\"status\":\"success\",\"data\":[]}\n")]
    public async Task Labels_and_series_are_listed(string path, string body) =>
        Assert.That(await Client.GetAsync("/loki/api/v1/" + path), Is.EqualTo(new PushAnswer(200, body)));

    [Test]
    public async Task All_series_are_listed_without_a_selector()
    {
        using var answer = JsonDocument.Parse((await Client.GetAsync("/loki/api/v1/series")).Body);
        Assert.That(answer.RootElement.GetProperty("data").EnumerateArray().Select(Labels), Is.EquivalentTo(new[] { "app=a,env=test,service_name=a", "app=b,service_name=b" }));
    }

    // 10.6: received lines count before any check.
    [Test]
    public async Task Metrics_count_what_came_and_what_was_refused()
    {
        await Client.JsonAsync("""{"streams":[{"stream":{"app":"a"},"values":[["0","old"]]}]}""");
        var metrics = (await Client.GetAsync("/metrics")).Body;
        Assert.That(metrics, Does.Contain("loki_distributor_lines_received_total{tenant=\"fake\"} 5\n"));
        Assert.That(metrics, Does.Contain("loki_distributor_bytes_received_total{tenant=\"fake\"} 116\n"));
        Assert.That(metrics, Does.Contain("loki_discarded_samples_total{reason=\"greater_than_max_sample_age\",tenant=\"fake\"} 1\n"));
        Assert.That(metrics, Does.Contain("status_code=\"204\",ws=\"false\"} 1\n").And.Contain("status_code=\"400\",ws=\"false\"} 1\n"));
    }

    private static IEnumerable<JsonElement> Results(PushAnswer answer)
    {
        using var document = JsonDocument.Parse(answer.Body);
        return [.. document.RootElement.GetProperty("data").GetProperty("result").EnumerateArray().Select(result => result.Clone())];
    }

    private static IEnumerable<(long Time, string Line)> Values(PushAnswer answer) => Results(answer).SelectMany(stream =>
        stream.GetProperty("values").EnumerateArray().Select(value => (long.Parse(value[0].GetString()!, CultureInfo.InvariantCulture), value[1].GetString()!)));

    private static string Labels(JsonElement labels) => string.Join(',', labels.EnumerateObject().Select(label => $"{label.Name}={label.Value.GetString()}"));
}
