using System;
using System.IO;
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
    public void Durations_are_read(string duration, int seconds) =>
        Assert.That(LokiTestServerOptions.FromYaml($"limits_config: {{creation_grace_period: {duration}}}").Limits.CreationGracePeriod, Is.EqualTo(TimeSpan.FromSeconds(seconds)));

    [TestCase("limits_config: {max_line_size: 4XB}", "limits_config.max_line_size: cannot read '4XB'")]
    [TestCase("limits_config: {max_line_size: [1]}", "limits_config.max_line_size: cannot read '[ 1 ]'")]
    [TestCase("limits_config: {creation_grace_period: 5}", "limits_config.creation_grace_period: cannot read '5'")]
    [TestCase("limits_config: {enforced_labels: env}", "limits_config.enforced_labels: cannot read 'env'")]
    [TestCase("limits_config: {reject_old_samples: yes}", "limits_config.reject_old_samples: cannot read 'yes'")]
    [TestCase("limits_config: {max_label_name_length: 99999999999}", "limits_config.max_label_name_length: cannot read '99999999999'")]
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
