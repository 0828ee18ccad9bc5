using System.Collections.Generic;
using System.ComponentModel;
using System.IO.Compression;
using NLog.Config;
using NLog.Layouts;
using NLog.Targets.Loki.Integration;
using NLog.Targets.Loki.Rendering;

namespace NLog.Targets.Loki;

/// <content>
/// The settings. Set them before the target is initialised; a later change has no effect, but for the layout, which counts from the next
/// hand-over on. Those that hide a setting of a base type may be set through either: what was set last counts.
/// </content>
public sealed partial class LokiTarget
{
    // What a base type never has by a user's will, so that whatever is set through it is seen.
    private const int Unset = -1;

    private readonly HiddenSetting<int> _batchSize;
    private readonly HiddenSetting<int> _taskDelayMilliseconds;
    private readonly HiddenSetting<int> _taskTimeoutSeconds;
    private readonly HiddenSetting<int> _retryCount;
    private readonly HiddenSetting<int> _retryDelayMilliseconds;
    private readonly HiddenSetting<bool> _includeEventProperties;
    private bool _includesEventPropertiesBySetting;
    private Layout? _scanned;

    /// <summary>
    /// Base URL of Loki, base URL with a path prefix, or the full push URL; user info becomes basic authentication.
    /// Default: the environment variable <c>LOKI_URL</c>, else <c>http://localhost:3100</c>. Must be absolute, http or https.
    /// </summary>
    public string? Endpoint { get; set; }

    /// <summary>
    /// <c>false</c> switches the target off: no thread, no socket, events are ignored. Default: <c>LOKI_ENABLED</c>, else <c>true</c>.
    /// </summary>
    public bool? Enabled { get; set; }

    /// <summary>
    /// The tenant, sent as <c>X-Scope-OrgID</c>. Default: <c>LOKI_TENANT</c>, else none. At most 150 of the characters
    /// <c>a-z A-Z 0-9 ! - _ . * ' ( )</c> (Loki's tenant grammar); a layout that depends on the event is refused.
    /// </summary>
    public string? Tenant { get; set; }

    /// <summary>
    /// User name for basic authentication, rendered when the target is initialised: entries are never sent as another user than the one
    /// they were logged for. Default: none. Not together with <see cref="BearerToken"/>.
    /// </summary>
    public string? Username { get; set; }

    /// <summary>Password for basic authentication, rendered again after Loki refused it. Default: none.</summary>
    public string? Password { get; set; }

    /// <summary>
    /// Bearer token. Default: <c>LOKI_TOKEN</c>, else none. A layout such as <c>${environment:MY_TOKEN}</c> is rendered again
    /// after Loki refused it. Another text in the configuration is another user: what waits goes on with the old token. Not together with
    /// <see cref="Username"/>.
    /// </summary>
    public string? BearerToken { get; set; }

    /// <summary>Extra request headers. Default: none.</summary>
    [ArrayParameter(typeof(LokiHeader), "header")]
    public IList<LokiHeader> Headers { get; } = new List<LokiHeader>();

    /// <summary>URL of a proxy, with scheme and port. Default: the system's proxy.</summary>
    public string? ProxyUrl { get; set; }

    /// <summary>User name for the proxy. Default: none.</summary>
    public string? ProxyUser { get; set; }

    /// <summary>Password for the proxy. Default: none.</summary>
    public string? ProxyPassword { get; set; }

    /// <summary>
    /// Stream labels. Default: <c>service_name</c>, <c>job</c>, <c>environment</c> and <c>instance</c> where they have a source, and
    /// <c>level</c>. A label of such a name replaces it, an empty layout removes it. At most 15 are sent as labels (Loki's
    /// <c>max_label_names_per_series</c>); the rest becomes structured metadata.
    /// </summary>
    [ArrayParameter(typeof(LokiLabel), "label")]
    public IList<LokiLabel> Labels { get; } = new List<LokiLabel>();

    /// <summary>
    /// Structured metadata with a name and a layout of its own, as of every NLog target with a context. Default: none. A property without a name is a
    /// configuration error.
    /// </summary>
    [ArrayParameter(typeof(TargetPropertyWithContext), "contextproperty")]
    public override IList<TargetPropertyWithContext> ContextProperties { get; } = new GuardedProperties();

    /// <summary>Whether the default labels are there. Default: <c>true</c>.</summary>
    public bool DefaultLabels { get; set; } = true;

    /// <summary>Where the level goes: <c>Label</c> (default), <c>Metadata</c> or <c>None</c>.</summary>
    public LokiLevelPlacement LevelAs { get; set; } = LokiLevelPlacement.Label;

    /// <summary>
    /// Sends event properties as structured metadata. Default: <c>true</c>, but <c>false</c> when the layout is a JsonLayout that
    /// includes them already.
    /// </summary>
    public new bool IncludeEventProperties
    {
        get => _includeEventProperties.Value && (_includesEventPropertiesBySetting || !LineHasProperties);
        set
        {
            _includesEventPropertiesBySetting = true;
            _includeEventProperties.Value = value;
        }
    }

    /// <summary>Sends trace id and span id of the logging thread's activity as structured metadata. Default: <c>true</c>.</summary>
    public bool IncludeTraceContext { get; set; } = true;

    /// <summary>
    /// Sends <c>logger</c>, <c>exception_type</c> and <c>exception_message</c> as structured metadata. Default: <c>true</c>.
    /// </summary>
    public bool DefaultMetadata { get; set; } = true;

    /// <summary>
    /// Makes every event property a label. Default: <c>false</c>, and best left so: each combination of values is a stream of its own.
    /// </summary>
    public bool EventPropertiesAsLabels { get; set; }

    /// <summary>Event properties whose name begins so become labels, without the prefix, e.g. <c>label_</c>. Default: none.</summary>
    public string LabelPropertyPrefix { get; set; } = "";

    /// <summary>Longest structured metadata value, in bytes of UTF-8; longer ones are cut and counted. Default: 10240.</summary>
    public int MaxPropertyBytes { get; set; } = 10_240;

    /// <summary>Longest line, in bytes of UTF-8. Default: 262144, Loki's own default of <c>max_line_size</c>.</summary>
    public int MaxLineBytes { get; set; } = 262_144;

    /// <summary>What happens to longer lines: <c>Truncate</c> (default) or <c>Drop</c>. Both are counted.</summary>
    public LokiLineOverflow LineOverflow { get; set; } = LokiLineOverflow.Truncate;

    /// <summary>
    /// How entries are written in a push: <c>Json</c> (default), or <c>Protobuf</c> as Loki's own clients do it, always compressed
    /// by snappy. Any other value is a configuration error.
    /// </summary>
    public LokiFormat Format { get; set; } = LokiFormat.Json;

    /// <summary>
    /// Gzip level of request bodies. Default: <c>Fastest</c>; <c>NoCompression</c> sends them as they are. Without effect on
    /// <c>Protobuf</c>.
    /// </summary>
    public CompressionLevel CompressionLevel { get; set; } = CompressionLevel.Fastest;

    /// <summary>Most entries in one request. Default: 10000.</summary>
    public new int BatchSize { get => _batchSize.Value; set => _batchSize.Value = value; }

    /// <summary>Most bytes in one uncompressed request body. Default: 1048576. 4096 to 3145728, as Loki's gRPC ends at 4 MiB.</summary>
    public int MaxBatchBytes { get; set; } = 1_048_576;

    /// <summary>
    /// How long a batch waits for more entries, in milliseconds: the linger. Default: 1000. With so many streams that this would
    /// cause more than about 20 requests a second it stretches, to 10 seconds at most.
    /// </summary>
    public new int TaskDelayMilliseconds { get => _taskDelayMilliseconds.Value; set => _taskDelayMilliseconds.Value = value; }

    /// <summary>
    /// Bytes that may wait between NLog's queue and Loki. Default: 67108864. Beyond it the oldest entries go, counted as
    /// <c>buffer_full</c>, or with <c>overflowAction="Block"</c> nothing more is taken from NLog's queue.
    /// </summary>
    public long BufferLimitBytes { get; set; } = 67_108_864;

    /// <summary>Requests at once, never two of one stream. Default: 8; 1 to 32. A flush uses up to 32.</summary>
    public int MaxInFlight { get; set; } = 8;

    /// <summary>Time for one request, in seconds. Default: 10.</summary>
    public int RequestTimeoutSeconds { get; set; } = 10;

    /// <summary>Time to connect, in seconds. Default: 5. On .NET Framework the request's time alone counts.</summary>
    public int ConnectTimeoutSeconds { get; set; } = 5;

    /// <summary>First pause after a failure, in milliseconds; it doubles with each further one, and half of it is random. Default: 500.</summary>
    public new int RetryDelayMilliseconds { get => _retryDelayMilliseconds.Value; set => _retryDelayMilliseconds.Value = value; }

    /// <summary>Longest pause between attempts, in milliseconds. Default: 60000.</summary>
    public int RetryMaxDelayMilliseconds { get; set; } = 60_000;

    /// <summary>Repeats of one batch before it is dropped as <c>expired</c>. Default: 0, as long as there is room.</summary>
    public new int RetryCount { get => _retryCount.Value; set => _retryCount.Value = value; }

    /// <summary>Failures in a row after which only one small request at a time probes Loki. Default: 5.</summary>
    public int CircuitBreakerThreshold { get; set; } = 5;

    /// <summary>Time between two such probes, in seconds. Default: 30.</summary>
    public int CircuitBreakerResetSeconds { get; set; } = 30;

    /// <summary>How long a flush waits for delivery, in seconds. Default: 10. NLog itself gives up after 15.</summary>
    public int FlushTimeoutSeconds { get; set; } = 10;

    /// <summary>How long a closed target goes on delivering, in seconds. Default: 5; flush and close at process exit share it.</summary>
    public int CloseTimeoutSeconds { get; set; } = 5;

    /// <summary>What is said on standard error while NLog's internal log is off: <c>Auto</c> (default) or <c>None</c>.</summary>
    public LokiDiagnostics Diagnostics { get; set; } = LokiDiagnostics.Auto;

    /// <summary>Accepted from configurations of another client, without effect: entries of a stream are always in order.</summary>
    public bool OrderWrites { get; set; }

    /// <summary>Accepted from configurations of another client, and ignored with one line in the internal log.</summary>
    [EditorBrowsable(EditorBrowsableState.Never)]
    public bool SendLastFormatParameter { get; set; }

    /// <summary>Another name of <see cref="RequestTimeoutSeconds"/>, 30 at most; 0 leaves that setting alone. Default: 0.</summary>
    [EditorBrowsable(EditorBrowsableState.Never)]
    public new int TaskTimeoutSeconds { get => _taskTimeoutSeconds.Value; set => _taskTimeoutSeconds.Value = value; }

    /// <summary>
    /// The line. Default: <c>${message}</c> and, on an exception, its full text on the following lines.
    /// </summary>
    public new Layout Layout
    {
        // NLog's own wrapping of it, because what NLog finds here it calls on the logging thread: scope properties are captured
        // by the wrapping, and would be lost with the bare layout.
        get => _scanned ?? base.Layout;
        set => base.Layout = value;
    }

    /// <summary>For NLog only: what it calls on the logging thread for each event. Not a setting.</summary>
    [EditorBrowsable(EditorBrowsableState.Never)]
    public Layout? Capture { get; private set; }

    // The layout that was set last, through this type or a base type, without NLog's wrapping.
    private Layout LineLayout => WrappedLayout.Of(base.Layout);

    private bool LineHasProperties => GuardedLayout.Bare(LineLayout) is JsonLayout { IncludeEventProperties: true };
}
