using System;
using System.Collections.Generic;

namespace NLog.Targets.Loki.Testing;

/// <summary>
/// The limits of one tenant, named after and defaulting to Loki's <c>limits_config</c> (pkg/validation/limits.go).
/// Sizes are bytes of UTF-8.
/// </summary>
public sealed record LokiLimits
{
    /// <summary>Largest number of label names of a stream, <c>service_name</c> not counted.</summary>
    public int MaxLabelNamesPerSeries { get; init; } = 15;

    /// <summary>Longest label name.</summary>
    public int MaxLabelNameLength { get; init; } = 1024;

    /// <summary>Longest label value.</summary>
    public int MaxLabelValueLength { get; init; } = 2048;

    /// <summary>Labels each stream must have.</summary>
    public IReadOnlyList<string> EnforcedLabels { get; init; } = Array.Empty<string>();

    /// <summary>Whether entries older than <see cref="RejectOldSamplesMaxAge"/> are refused.</summary>
    public bool RejectOldSamples { get; init; } = true;

    /// <summary>Greatest age of an entry.</summary>
    public TimeSpan RejectOldSamplesMaxAge { get; init; } = TimeSpan.FromDays(7);

    /// <summary>How far in the future an entry may lie.</summary>
    public TimeSpan CreationGracePeriod { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Longest line; zero switches the check off.</summary>
    public int MaxLineSize { get; init; } = 256 * 1024;

    /// <summary>Whether a longer line is cut instead of refused.</summary>
    public bool MaxLineSizeTruncate { get; init; }

    /// <summary>What ends a line that was cut.</summary>
    public string MaxLineSizeTruncateIdentifier { get; init; } = "";

    /// <summary>Whether structured metadata is accepted at all.</summary>
    public bool AllowStructuredMetadata { get; init; } = true;

    /// <summary>Largest sum of names and values of an entry's structured metadata; zero switches the check off.</summary>
    public int MaxStructuredMetadataSize { get; init; } = 64 * 1024;

    /// <summary>Largest number of structured metadata pairs of an entry; zero switches the check off.</summary>
    public int MaxStructuredMetadataEntriesCount { get; init; } = 128;

    /// <summary>Bytes of lines and metadata a tenant may push each second; infinity switches the check off.</summary>
    public double IngestionRate { get; init; } = 4d * 1024 * 1024;

    /// <summary>Bytes of lines and metadata a tenant may push at once. A bigger push is refused every time.</summary>
    public double IngestionBurst { get; init; } = 6d * 1024 * 1024;

    /// <summary>Bytes one stream may take each second; infinity switches the check off.</summary>
    public double PerStreamRateLimit { get; init; } = 3d * 1024 * 1024;

    /// <summary>Bytes one stream may take at once.</summary>
    public double PerStreamRateLimitBurst { get; init; } = 15d * 1024 * 1024;

    /// <summary>Whether the stream rate refuses the whole stream of a push (Loki's default) or entry by entry.</summary>
    public bool ShardStreamsEnabled { get; init; } = true;

    /// <summary>Largest number of streams of a tenant in one ingester, of which there is one; zero, the default, switches the check off.</summary>
    public int MaxStreamsPerUser { get; init; }

    /// <summary>Largest number of streams of a tenant; zero switches the check off.</summary>
    public int MaxGlobalStreamsPerUser { get; init; } = 5000;

    /// <summary>How far an entry may lie behind the newest one of its stream (Loki: half of <c>max_chunk_age</c>).</summary>
    public TimeSpan OutOfOrderWindow { get; init; } = TimeSpan.FromHours(1);

    /// <summary>Labels tried in turn to find the <c>service_name</c>; an empty list switches the discovery off.</summary>
    public IReadOnlyList<string> DiscoverServiceName { get; init; } =
    [
        "service", "app", "application", "app_name", "name", "app_kubernetes_io_name", "container", "container_name",
        "k8s_container_name", "component", "workload", "job", "k8s_job_name",
    ];

    /// <summary>Whether <c>detected_level</c> is added to each entry.</summary>
    public bool DiscoverLogLevels { get; init; } = true;

    /// <summary>
    /// Names of labels, of metadata and of fields in a line that tell the level, the first one first; an empty list is the default one.
    /// </summary>
    public IReadOnlyList<string> LogLevelFields { get; init; } =
    [
        "level", "LEVEL", "Level", "log.level", "severity", "SEVERITY", "Severity", "SeverityText", "lvl", "LVL", "Lvl",
        "severity_text", "Severity_Text", "SEVERITY_TEXT",
    ];

    /// <summary>How many objects deep a JSON line is searched for its level; zero or less knows no end.</summary>
    public int LogLevelFromJsonMaxDepth { get; init; } = 2;

    /// <summary>Whether an entry with the timestamp of its predecessor and another line is moved on by a nanosecond.</summary>
    public bool IncrementDuplicateTimestamp { get; init; }

    /// <summary>Until when everything is thrown away.</summary>
    public DateTimeOffset? BlockIngestionUntil { get; init; }

    /// <summary>The answer while blocked; 200 makes the loss invisible.</summary>
    public int BlockIngestionStatusCode { get; init; } = 260;

    /// <summary>These limits without the rates of tenant and stream, for tests of throughput.</summary>
    public LokiLimits WithoutRates() => this with
    {
        IngestionRate = double.PositiveInfinity,
        IngestionBurst = double.PositiveInfinity,
        PerStreamRateLimit = double.PositiveInfinity,
        PerStreamRateLimitBurst = double.PositiveInfinity,
    };
}
