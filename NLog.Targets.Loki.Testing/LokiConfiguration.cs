using System;
using System.Globalization;
using System.Linq;

namespace NLog.Targets.Loki.Testing;

/// <summary>Reads from Loki's configuration files what the test server has a counterpart for.</summary>
internal static class LokiConfiguration
{
    public static LokiTestServerOptions Read(string lokiYaml, string? overridesYaml) =>
        Read(YamlSection.Parse(lokiYaml), YamlSection.Parse(overridesYaml ?? ""), authEnabled: true);

    /// <summary>What <c>/config</c> prints leaves <c>auth_enabled</c> out when it is off (pkg/loki/loki.go), where a file that leaves it out switches it on.</summary>
    public static LokiTestServerOptions ReadPrinted(string config, Action<string> skipped) =>
        Read(YamlSection.Parse(config, skipped), YamlSection.Parse(""), authEnabled: false);

    private static LokiTestServerOptions Read(YamlSection loki, YamlSection runtime, bool authEnabled)
    {
        var defaults = new LokiTestServerOptions();
        var distributor = loki.Section("distributor");
        var received = distributor.Value("max_recv_msg_size", Whole, defaults.MaxReceivedSize);

        // The window belongs to the ingester, not to the limits, and is half of the age of a chunk.
        var window = loki.Section("ingester").Value("max_chunk_age", GoUnits.Duration, 2 * defaults.Limits.OutOfOrderWindow) / 2;
        var limits = Limits(loki.Section("limits_config"), defaults.Limits with { OutOfOrderWindow = window });
        var overrides = runtime.Section("overrides");
        return defaults with
        {
            AuthEnabled = loki.Value("auth_enabled", Flag, authEnabled),
            NoAuthTenant = loki.Value("no_auth_tenant", text => text, defaults.NoAuthTenant),
            MaxReceivedSize = received,
            MaxDecompressedSize = distributor.Value("max_decompressed_size", Whole, 0) is > 0 and var size ? size : 50 * received,
            MaxIngesterMessageSize = loki.Section("server").Value("grpc_server_max_recv_msg_size", Whole, defaults.MaxIngesterMessageSize),
            Limits = limits,
            TenantLimits = overrides.Keys.ToDictionary(tenant => tenant, tenant => Limits(overrides.Section(tenant), limits)),
        };
    }

    // Unknown keys are ignored, as in Loki, whose limits have a decoder of their own (pkg/validation/limits.go).
    private static LokiLimits Limits(YamlSection yaml, LokiLimits start)
    {
        var limits = Known(yaml, start);
        yaml.SkipTheRest();
        return limits;
    }

    private static LokiLimits Known(YamlSection yaml, LokiLimits start) => start with
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

    // A limit past what the test server counts to is none, as it would be in Loki, whose numbers have 64 bits.
    private static int Number(string text) => (int)Math.Clamp(Whole(text), int.MinValue, int.MaxValue);

    private static long Whole(string text) => long.Parse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);

    private static int Size(string text) => (int)Math.Min(GoUnits.Size(text), int.MaxValue);

    private static double Megabytes(string text) => 1024 * 1024 * text.ToLowerInvariant() switch
    {
        ".inf" or "+.inf" => double.PositiveInfinity,
        _ => double.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture),
    };

    // Loki prints a time that is not set as 0 (dskit's flagext.Time); Go's own zero time is the first second of the year 1.
    private static DateTimeOffset? Time(string text) =>
        text is "" or "0" || DateTimeOffset.Parse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal) is not { Year: > 1 } time ? null : time;
}
