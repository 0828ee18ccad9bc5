using System.Threading.Tasks;
using NLog.Targets.Loki.Testing;
using NUnit.Framework;

namespace NLog.Targets.Loki.Tests.TestServer;

/// <summary>What <c>/metrics</c> counts of a push that was not taken as it came (contract 10.6).</summary>
[TestFixture]
public sealed class CounterTests : PushTests
{
    private const string Metadata = """{"streams":[{"stream":STREAM,"values":[["NOW","four",{"k":"vwx"}],["NOW","five!"]]}]}""";

    protected override LokiTestServerOptions Options => new()
    {
        MaxReceivedSize = 4096,
        Limits = new LokiLimits { DiscoverServiceName = [], MaxLabelNamesPerSeries = 1, MaxLineSize = 4, MaxLineSizeTruncate = true, MaxLineSizeTruncateIdentifier = "~" },
    };

    // Lines and metadata, after lines were cut, as pkg/distributor/validator.go counts them.
    [TestCase("{}", "loki_discarded_samples_total{reason=\"missing_labels\",tenant=\"fake\"} 1\n")]
    [TestCase("{}", "loki_discarded_bytes_total{reason=\"missing_labels\",tenant=\"fake\"} 0\n")]
    [TestCase("{}", "loki_discarded_samples_total{reason=\"invalid_labels\",tenant=\"fake\"} 2\n")]
    [TestCase("{}", "loki_discarded_bytes_total{reason=\"invalid_labels\",tenant=\"fake\"} 12\n")]
    [TestCase("{}", "loki_distributor_push_zero_streams_count{stage=\"post-validation\",tenant=\"fake\"} 1\n")]
    [TestCase("""{"a":"1","b":"2"}""", "loki_discarded_bytes_total{reason=\"max_label_names_per_series\",tenant=\"fake\"} 12\n")]
    [TestCase("""{"a":"1"}""", "loki_mutated_samples_total{reason=\"line_too_long\",tenant=\"fake\"} 1\n")]
    [TestCase("""{"a":"1"}""", "loki_mutated_bytes_total{reason=\"line_too_long\",tenant=\"fake\"} 2\n")]
    [TestCase("""{"a":"1"}""", "loki_distributor_push_stats_count{content_encoding=\"\",content_type=\"application/json\",tenant=\"fake\"} 1\n")]
    public async Task A_push_with_a_cut_line_and_metadata_is_counted(string stream, string metric)
    {
        var body = Metadata.Replace("STREAM", stream, System.StringComparison.Ordinal)
            .Replace("NOW", PushClient.Now().ToString(System.Globalization.CultureInfo.InvariantCulture), System.StringComparison.Ordinal);
        await Client.SendAsync(PushClient.Utf8(body), "Application/JSON; charset=utf-8");
        Assert.That((await Client.GetAsync("/metrics")).Body, Does.Contain(metric));
    }

    [Test]
    public async Task A_push_without_streams_is_counted()
    {
        await Client.JsonAsync("{}");
        Assert.That((await Client.GetAsync("/metrics")).Body, Does.Contain("loki_distributor_push_zero_streams_count{stage=\"pre-validation\",tenant=\"fake\"} 1\n"));
    }

    [Test]
    public async Task Of_a_body_that_is_too_large_the_bytes_are_counted()
    {
        await Client.JsonAsync("{\"" + new string('x', 4998));
        Assert.That((await Client.GetAsync("/metrics")).Body, Does.Contain("loki_discarded_bytes_total{reason=\"request_body_too_large\",tenant=\"fake\"} 5000\n"));
    }
}
