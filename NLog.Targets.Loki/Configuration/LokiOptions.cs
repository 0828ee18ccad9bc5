using System;
using System.Collections.Generic;
using System.IO.Compression;
using System.Net;
using NLog.Layouts;
using NLog.Targets.Loki.Encoding;

namespace NLog.Targets.Loki.Configuration;

/// <summary>Owns what the settings of a target mean: parsed, validated and defaulted once; immutable.</summary>
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

    public bool SpeaksOnStandardError { get; init; }
}

/// <summary>Owns where and as whom to push.</summary>
internal sealed class PushOptions
{
    public Uri Endpoint { get; init; } = new("http://localhost:3100/loki/api/v1/push");

    public string Tenant { get; init; } = "";

    /// <summary>Renders authorization and extra headers; called at start and after a refusal of the credentials.</summary>
    public Func<IReadOnlyList<KeyValuePair<string, string>>> RenderHeaders { get; init; } = () => Array.Empty<KeyValuePair<string, string>>();

    public IWebProxy? Proxy { get; init; }

    /// <summary>Whether what authorises the target crosses a network in the clear.</summary>
    public bool ExposesCredentials
    {
        get
        {
            if (Endpoint.Scheme != "http" || Endpoint.IsLoopback)
                return false;
            try
            {
                return RenderHeaders().Count > 0;
            }
            catch (Exception)
            {
                // Why they cannot be rendered is said when they are needed.
                return false;
            }
        }
    }

    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromSeconds(10);

    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(5);
}

/// <summary>Owns how much goes into one request and how much may wait.</summary>
internal sealed class BatchOptions
{
    public int MaxEntries { get; init; } = 10_000;

    public int MaxBodyBytes { get; init; } = 1_048_576;

    public TimeSpan Linger { get; init; } = TimeSpan.FromSeconds(1);

    public long BufferLimitBytes { get; init; } = 67_108_864;

    public bool BlockWhenFull { get; init; }

    public int MaxInFlight { get; init; } = 8;

    public CompressionLevel Compression { get; init; } = CompressionLevel.Fastest;
}

/// <summary>Owns when to try again.</summary>
internal sealed class RetryOptions
{
    public TimeSpan Delay { get; init; } = TimeSpan.FromMilliseconds(500);

    public TimeSpan MaxDelay { get; init; } = TimeSpan.FromMinutes(1);

    public int Count { get; init; }

    public int BreakerThreshold { get; init; } = 5;

    public TimeSpan BreakerReset { get; init; } = TimeSpan.FromSeconds(30);
}
