using System;
using System.Globalization;
using System.Linq;

namespace NLog.Targets.Loki.Testing;

/// <summary>Reads from Loki's configuration files what the test server has a counterpart for.</summary>
internal static class LokiConfiguration
{
    public static LokiTestServerOptions Read(string lokiYaml, string? overridesYaml)
    {
        var loki = YamlSection.Parse(lokiYaml);
        var defaults = new LokiTestServerOptions();
        var distributor = loki.Section("distributor");
        var received = distributor.Value("max_recv_msg_size", Whole, defaults.MaxReceivedSize);

        // The window belongs to the ingester, not to the limits, and is half of the age of a chunk.
        var window = loki.Section("ingester").Value("max_chunk_age", GoUnits.Duration, 2 * defaults.Limits.OutOfOrderWindow) / 2;
        var limits = Limits(loki.Section("limits_config"), defaults.Limits with { OutOfOrderWindow = window });
        var overrides = YamlSection.Parse(overridesYaml ?? "").Section("overrides");
        return defaults with
        {
            AuthEnabled = loki.Value("auth_enabled", Flag, true),
            NoAuthTenant = loki.Value("no_auth_tenant", text => text, defaults.NoAuthTenant),
            MaxReceivedSize = received,
            MaxDecompressedSize = distributor.Value("max_decompressed_size", Whole, 0) is > 0 and var size ? size : 50 * received,
            MaxIngesterMessageSize = loki.Section("server").Value("grpc_server_max_recv_msg_size", Whole, defaults.MaxIngesterMessageSize),
            Limits = limits,
            TenantLimits = overrides.Items.ToDictionary(item => item.Key, item => Limits(overrides.Section(item.Key), limits)),
        };
    }

    // Unknown keys are ignored, as in Loki, whose limits have a decoder of their own (pkg/validation/limits.go).
    private static LokiLimits Limits(YamlSection yaml, LokiLimits start) => start with
    {
        MaxLabelNamesPerSeries = yaml.Value("max_label_names_per_series", Number, start.MaxLabelNamesPerSeries),
        MaxLabelNameLength = yaml.Value("max_label_name_length", Number, start.MaxLabelNameLength),
        MaxLabelValueLength = yaml.Value("max_label_value_length", Number, start.MaxLabelValueLength),
        EnforcedLabels = yaml.List("enforced_labels", start.EnforcedLabels),
        RejectOldSamples = yaml.Value("reject_old_samples", Flag, start.RejectOldSamples),
        RejectOldSamplesMaxAge = yaml.Value("reject_old_samples_max_age", GoUnits.Duration, start.RejectOldSamplesMaxAge),
        CreationGracePeriod = yaml.Value("creation_grace_period", GoUnits.Duration, start.CreationGracePeriod),
        MaxLineSize = yaml.Value("max_line_size", Size, start.MaxLineSize),
        MaxLineSizeTruncate = yaml.Value("max_line_size_truncate", Flag, start.MaxLineSizeTruncate),
        MaxLineSizeTruncateIdentifier = yaml.Value("max_line_size_truncate_identifier", text => text, start.MaxLineSizeTruncateIdentifier),
        AllowStructuredMetadata = yaml.Value("allow_structured_metadata", Flag, start.AllowStructuredMetadata),
        MaxStructuredMetadataSize = yaml.Value("max_structured_metadata_size", Size, start.MaxStructuredMetadataSize),
        MaxStructuredMetadataEntriesCount = yaml.Value("max_structured_metadata_entries_count", Number, start.MaxStructuredMetadataEntriesCount),
        IngestionRate = yaml.Value("ingestion_rate_mb", Megabytes, start.IngestionRate),
        IngestionBurst = yaml.Value("ingestion_burst_size_mb", Megabytes, start.IngestionBurst),
        PerStreamRateLimit = yaml.Value("per_stream_rate_limit", text => GoUnits.Size(text), start.PerStreamRateLimit),
        PerStreamRateLimitBurst = yaml.Value("per_stream_rate_limit_burst", text => GoUnits.Size(text), start.PerStreamRateLimitBurst),
        ShardStreamsEnabled = yaml.Section("shard_streams").Value("enabled", Flag, start.ShardStreamsEnabled),
        MaxStreamsPerUser = yaml.Value("max_streams_per_user", Number, start.MaxStreamsPerUser),
        MaxGlobalStreamsPerUser = yaml.Value("max_global_streams_per_user", Number, start.MaxGlobalStreamsPerUser),
        DiscoverServiceName = yaml.List("discover_service_name", start.DiscoverServiceName),
        DiscoverLogLevels = yaml.Value("discover_log_levels", Flag, start.DiscoverLogLevels),
        LogLevelFields = yaml.List("log_level_fields", start.LogLevelFields),
        LogLevelFromJsonMaxDepth = yaml.Value("log_level_from_json_max_depth", Number, start.LogLevelFromJsonMaxDepth),
        IncrementDuplicateTimestamp = yaml.Value("increment_duplicate_timestamp", Flag, start.IncrementDuplicateTimestamp),
        BlockIngestionUntil = yaml.Value("block_ingestion_until", Time, start.BlockIngestionUntil),
        BlockIngestionStatusCode = yaml.Value("block_ingestion_status_code", Number, start.BlockIngestionStatusCode),
    };

    private static bool Flag(string text) => text switch
    {
        "true" => true,
        "false" => false,
        _ => throw new FormatException(),
    };

    private static int Number(string text) => int.Parse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);

    private static long Whole(string text) => long.Parse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);

    private static int Size(string text) => checked((int)GoUnits.Size(text));

    private static double Megabytes(string text) => double.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture) * 1024 * 1024;

    private static DateTimeOffset? Time(string text) => text.Length == 0
        ? null
        : DateTimeOffset.Parse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);
}
