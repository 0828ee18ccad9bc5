using System;
using System.Collections.Generic;
using NLog.Layouts;
using NLog.Targets.Loki.Encoding;

namespace NLog.Targets.Loki.Contract;

/// <summary>What the settings of a target mean: parsed, validated and defaulted once; immutable.</summary>
internal sealed class LokiOptions
{
    public bool Enabled { get; init; } = true;

    public PushOptions Push { get; init; } = new();

    public BatchOptions Batch { get; init; } = new();

    public RetryOptions Retry { get; init; } = new();

    public PushFormat Format { get; init; } = PushFormat.Json;

    public IReadOnlyList<KeyValuePair<string, Layout>> Labels { get; init; } = Array.Empty<KeyValuePair<string, Layout>>();

    public LokiLevelPlacement LevelAs { get; init; }

    public bool IncludeTraceContext { get; init; }

    public bool EventPropertiesAsLabels { get; init; }

    public string LabelPropertyPrefix { get; init; } = "";

    public bool IncludeEventProperties { get; init; }

    /// <summary>Whether event properties become labels or metadata at all.</summary>
    public bool SendsEventProperties => IncludeEventProperties || EventPropertiesAsLabels || LabelPropertyPrefix.Length > 0;

    public bool DefaultMetadata { get; init; }

    public int MaxPropertyBytes { get; init; }

    public int MaxLineBytes { get; init; }

    public LokiLineOverflow LineOverflow { get; init; }

    public TimeSpan FlushTimeout { get; init; }

    public TimeSpan CloseTimeout { get; init; }
}
