using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using NLog.Targets.Loki.Testing;
using NUnit.Framework;

namespace NLog.Targets.Loki.Tests.TestServer;

/// <summary>The test server configured from Loki's own files (contract 12).</summary>
[TestFixture]
public sealed class LokiConfigurationTests
{
    [Test]
    public void The_checked_in_files_are_read()
    {
        var options = LokiTestServerOptions.FromYaml(
            File.ReadAllText(RecordedCase.PathOf("loki.yaml")), File.ReadAllText(RecordedCase.PathOf("overrides.yaml")));
        Assert.Multiple(() =>
        {
            Assert.That(options.Port, Is.Zero);
            Assert.That(options.AuthEnabled);
            Assert.That(options.MaxReceivedSize, Is.EqualTo(262144));
            Assert.That(options.MaxDecompressedSize, Is.EqualTo(1048576));
            Assert.That(options.Limits.MaxLineSize, Is.EqualTo(4096));
            Assert.That(options.Limits.MaxStructuredMetadataSize, Is.EqualTo(512));
            Assert.That(options.Limits.RejectOldSamplesMaxAge, Is.EqualTo(TimeSpan.FromHours(3)));
            Assert.That(options.Limits.OutOfOrderWindow, Is.EqualTo(TimeSpan.FromMinutes(10)));
            Assert.That(options.TenantLimits, Has.Count.EqualTo(14));
            Assert.That(options.TenantLimits["rate"].IngestionRate, Is.EqualTo(10485.76).Within(1e-6));
            Assert.That(options.TenantLimits["rate"].MaxLineSize, Is.EqualTo(4096), "an override starts from the limits of the first file");
            Assert.That(options.TenantLimits["entryrate"].ShardStreamsEnabled, Is.False);
            Assert.That(options.TenantLimits["entryrate"].PerStreamRateLimitBurst, Is.EqualTo(2048));
            Assert.That(options.TenantLimits["enforced"].EnforcedLabels, Is.EqualTo(new[] { "env" }));
            Assert.That(options.TenantLimits["nodiscover"].DiscoverServiceName, Is.Empty);
            Assert.That(options.TenantLimits["truncate"].MaxLineSizeTruncateIdentifier, Is.EqualTo("[cut]"));
            Assert.That(options.TenantLimits["blocked456"].BlockIngestionUntil, Is.EqualTo(new DateTimeOffset(2099, 1, 1, 0, 0, 0, TimeSpan.Zero)));
            Assert.That(options.TenantLimits["blocked456"].BlockIngestionStatusCode, Is.EqualTo(456));
        });
    }

    [Test]
    public void An_empty_file_gives_the_defaults_of_Loki()
    {
        var options = LokiTestServerOptions.FromYaml("");
        Assert.That(options.AuthEnabled, Is.True);
        Assert.That(options.Limits, Is.EqualTo(new LokiLimits() with { DiscoverServiceName = options.Limits.DiscoverServiceName, LogLevelFields = options.Limits.LogLevelFields }));
        Assert.That(options.MaxReceivedSize, Is.EqualTo(100 * 1024 * 1024));
        Assert.That(options.MaxDecompressedSize, Is.EqualTo(5242880000));
    }

    [Test]
    public void What_a_whole_Loki_prints_of_itself_is_read_and_only_limits_without_a_counterpart_are_skipped()
    {
        var skipped = new List<string>();
        var options = LokiTestServerOptions.FromRunning(File.ReadAllText(RecordedCase.PathOf("whole-config.yaml")), skipped.Add);
        var defaults = new LokiTestServerOptions();
        Assert.Multiple(() =>
        {
            Assert.That(options.AuthEnabled, Is.False, "Loki leaves it out when it is off");
            Assert.That(options.Limits with { DiscoverServiceName = defaults.Limits.DiscoverServiceName, LogLevelFields = defaults.Limits.LogLevelFields }, Is.EqualTo(defaults.Limits));
            Assert.That(options.Limits.DiscoverServiceName, Is.EqualTo(defaults.Limits.DiscoverServiceName));
            Assert.That(options.Limits.LogLevelFields, Is.EqualTo(defaults.Limits.LogLevelFields));
            Assert.That(options.MaxReceivedSize, Is.EqualTo(defaults.MaxReceivedSize));
            Assert.That(options.MaxDecompressedSize, Is.EqualTo(defaults.MaxDecompressedSize));
            Assert.That(options.MaxIngesterMessageSize, Is.EqualTo(defaults.MaxIngesterMessageSize));
            Assert.That(skipped, Has.All.Match("^limits_config\\.[a-z0-9_]+: has no counterpart$"));
            Assert.That(skipped, Contains.Item("limits_config.max_query_length: has no counterpart"));
            Assert.That(skipped, Has.None.Contain("max_line_size").And.None.Contain("block_ingestion_until").And.None.Contain("shard_streams"));
        });
    }

    [TestCase("limits_config: {max_line_size: much}", "limits_config.max_line_size: cannot read 'much'")]
    [TestCase("limits_config: {max_line_size: [1]}", "limits_config.max_line_size: cannot read '[ 1 ]'")]
    [TestCase("limits_config: {block_ingestion_until: some day}", "limits_config.block_ingestion_until: cannot read 'some day'")]
    [TestCase("limits_config: {discover_service_name: 5}", "limits_config.discover_service_name: cannot read '5'")]
    [TestCase("limits_config: {shard_streams: 5}", "limits_config.shard_streams is not a mapping: 5")]
    [TestCase("limits_config: {[1]: 5}", "limits_config.[ 1 ]: has no counterpart")]
    [TestCase("ingester: {max_chunk_age: never}", "ingester.max_chunk_age: cannot read 'never'")]
    [TestCase("limits_config: 5", "limits_config is not a mapping: 5")]
    [TestCase("- 1", "The configuration is not a mapping: [ 1 ]")]
    public void What_cannot_be_read_of_a_running_Loki_is_named_and_keeps_its_default(string config, string named)
    {
        var skipped = new List<string>();
        var limits = LokiTestServerOptions.FromRunning(config, skipped.Add).Limits;
        var defaults = new LokiLimits();
        Assert.That(limits with { DiscoverServiceName = defaults.DiscoverServiceName, LogLevelFields = defaults.LogLevelFields }, Is.EqualTo(defaults));
        Assert.That(skipped, Is.EqualTo(new[] { named }));
        Assert.That(() => LokiTestServerOptions.FromRunning(config), Throws.Nothing, "nobody needs to be told");
    }

    [Test]
    public void A_page_that_is_no_YAML_in_the_place_of_a_running_Loki_leaves_the_defaults()
    {
        var skipped = new List<string>();
        Assert.That(LokiTestServerOptions.FromRunning("limits_config: {max_line_size: 7B", skipped.Add).Limits.MaxLineSize, Is.EqualTo(256 * 1024));
        Assert.That(skipped, Has.Count.EqualTo(1).And.All.StartWith("The configuration is not YAML: "));
    }

    [TestCase("\"0\"")]
    [TestCase("0")]
    [TestCase("\"\"")]
    [TestCase("null")]
    [TestCase("{}")]
    [TestCase("0001-01-01T00:00:00Z")]
    [TestCase("\"0001-01-01\"")]
    public void A_time_that_is_not_set_is_none(string time) =>
        Assert.That(LokiTestServerOptions.FromYaml($"limits_config: {{block_ingestion_until: {time}}}").Limits.BlockIngestionUntil, Is.Null);

    [TestCase("2099-01-02")]
    [TestCase("2099-01-02T00:00")]
    [TestCase("2099-01-02T02:00:00+02:00")]
    public void A_time_is_read_in_each_form_that_Loki_takes(string time) => Assert.That(
        LokiTestServerOptions.FromYaml($"limits_config: {{block_ingestion_until: {time}}}").Limits.BlockIngestionUntil,
        Is.EqualTo(new DateTimeOffset(2099, 1, 2, 0, 0, 0, TimeSpan.Zero)));

    [TestCase("max_line_size: 16EB")]
    [TestCase("max_line_size: 4GB")]
    [TestCase("max_label_value_length: 99999999999")]
    [TestCase("per_stream_rate_limit: 15EB")]
    [TestCase("ingestion_rate_mb: 1e+06")]
    [TestCase("ingestion_rate_mb: .inf")]
    public void A_limit_may_be_greater_than_anything_that_is_pushed(string limit)
    {
        var limits = LokiTestServerOptions.FromYaml($"limits_config: {{{limit}}}").Limits;
        double[] all = [limits.MaxLineSize, limits.MaxLabelValueLength, limits.PerStreamRateLimit, limits.IngestionRate];
        Assert.That(all.Max(), Is.GreaterThan(int.MaxValue - 1d));
    }

    [TestCase("max_line_size: 1.5MB", 1572864)]
    [TestCase("max_line_size: 100", 100)]
    [TestCase("max_line_size: 7B", 7)]
    [TestCase("max_line_size: 0", 0)]
    [TestCase("max_line_sise: 7B", 256 * 1024)]
    [TestCase("max_line_size:", 256 * 1024)]
    public void Sizes_are_powers_of_1024_and_unknown_limits_are_ignored(string limit, int size) =>
        Assert.That(LokiTestServerOptions.FromYaml($"limits_config:\n  {limit}").Limits.MaxLineSize, Is.EqualTo(size));

    [Test]
    public void The_limits_of_levels_and_of_the_streams_of_an_ingester_are_read()
    {
        var limits = LokiTestServerOptions.FromYaml("limits_config: {log_level_fields: [importance], log_level_from_json_max_depth: 5, max_streams_per_user: 7}").Limits;
        Assert.That(limits.LogLevelFields, Is.EqualTo(new[] { "importance" }));
        Assert.That((limits.LogLevelFromJsonMaxDepth, limits.MaxStreamsPerUser), Is.EqualTo((5, 7)));
    }

    [TestCase("1h30m", 5400)]
    [TestCase("90s", 90)]
    [TestCase("2d", 172800)]
    [TestCase("1w", 604800)]
    [TestCase("1.5h", 5400)]
    [TestCase("0", 0)]
    [TestCase("-1s", -1)]
    [TestCase("30d1h", 2595600)]
    [TestCase("2m0s", 120)]
    [TestCase("1500000µs", 1.5)]
    [TestCase("1h0m0.5s", 3600.5)]
    public void Durations_are_read(string duration, double seconds) =>
        Assert.That(LokiTestServerOptions.FromYaml($"limits_config: {{creation_grace_period: {duration}}}").Limits.CreationGracePeriod, Is.EqualTo(TimeSpan.FromSeconds(seconds)));

    [TestCase("limits_config: {max_line_size: 4XB}", "limits_config.max_line_size: cannot read '4XB'")]
    [TestCase("limits_config: {max_line_size: [1]}", "limits_config.max_line_size: cannot read '[ 1 ]'")]
    [TestCase("limits_config: {creation_grace_period: 5}", "limits_config.creation_grace_period: cannot read '5'")]
    [TestCase("limits_config: {enforced_labels: env}", "limits_config.enforced_labels: cannot read 'env'")]
    [TestCase("limits_config: {reject_old_samples: yes}", "limits_config.reject_old_samples: cannot read 'yes'")]
    [TestCase("limits_config: {max_label_name_length: many}", "limits_config.max_label_name_length: cannot read 'many'")]
    [TestCase("limits_config: 5", "limits_config is not a mapping: 5")]
    [TestCase("- 1", "The configuration is not a mapping: [ 1 ]")]
    public void A_value_that_cannot_be_read_is_named(string yaml, string message) =>
        Assert.That(() => LokiTestServerOptions.FromYaml(yaml), Throws.TypeOf<FormatException>().With.Message.EqualTo(message));

    [Test]
    public void A_bad_override_names_its_tenant() => Assert.That(
        () => LokiTestServerOptions.FromYaml("", "overrides: {shop: {ingestion_rate_mb: many}}"),
        Throws.TypeOf<FormatException>().With.Message.EqualTo("overrides.shop.ingestion_rate_mb: cannot read 'many'"));

    [Test]
    public void Text_that_is_no_YAML_is_refused() => Assert.That(
        () => LokiTestServerOptions.FromYaml("limits_config: {"), Throws.TypeOf<FormatException>().With.Message.StartWith("The configuration is not YAML: "));
}
