using System;
using System.Collections.Generic;

namespace NLog.Targets.Loki.Testing;

/// <summary>How a <see cref="LokiTestServer"/> starts.</summary>
public sealed record LokiTestServerOptions
{
    /// <summary>The port of 127.0.0.1 to listen on; zero takes a free one.</summary>
    public int Port { get; init; }

    /// <summary>Whether the tenant comes from <c>X-Scope-OrgID</c>; otherwise the header is ignored and the tenant is <see cref="NoAuthTenant"/>.</summary>
    public bool AuthEnabled { get; init; }

    /// <summary>The tenant while <see cref="AuthEnabled"/> is off.</summary>
    public string NoAuthTenant { get; init; } = "fake";

    /// <summary>The limits of each tenant that has none of its own.</summary>
    public LokiLimits Limits { get; init; } = new();

    /// <summary>Limits by tenant; these replace <see cref="Limits"/> as a whole.</summary>
    public IReadOnlyDictionary<string, LokiLimits> TenantLimits { get; init; } = new Dictionary<string, LokiLimits>();

    /// <summary>
    /// Whether the result of the last stream of a push hides that of the streams before it, as in Loki's ingester
    /// (pkg/ingester/instance.go). Off, the first refused stream is reported.
    /// </summary>
    public bool LastStreamDecides { get; init; } = true;

    /// <summary>Largest body as received (<c>distributor.max_recv_msg_size</c>).</summary>
    public long MaxReceivedSize { get; init; } = 100L * 1024 * 1024;

    /// <summary>Largest body after decompression (<c>distributor.max_decompressed_size</c>).</summary>
    public long MaxDecompressedSize { get; init; } = 5000L * 1024 * 1024;

    /// <summary>
    /// Largest message from distributor to ingester (<c>server.grpc_server_max_recv_msg_size</c>); a push past it is a 500
    /// for ever. The size is that of the protobuf form.
    /// </summary>
    public long MaxIngesterMessageSize { get; init; } = 4L * 1024 * 1024;

    /// <summary>Whether <see cref="ReceivedPush.Body"/> is kept.</summary>
    public bool KeepBodies { get; init; }

    /// <summary>
    /// Another Loki, a real one for instance, that gets every push too and whose answer the client sees; null, the default, for none. Faults
    /// are committed before its face; what they do not let through does not reach it. The own store goes on beside it, so that both can be compared.
    /// </summary>
    public Uri? ForwardTo { get; init; }

    /// <summary>The tenant for the pushes to <see cref="ForwardTo"/>, whatever the client named.</summary>
    public string ForwardTenant { get; init; } = "fake";

    /// <summary>The clock for age checks, rates and arrival times.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>
    /// Options as Loki's own configuration files set them, so that the same files can start a real Loki. Read are
    /// <c>auth_enabled</c>, <c>no_auth_tenant</c>, <c>distributor.max_recv_msg_size</c> and <c>max_decompressed_size</c>,
    /// <c>server.grpc_server_max_recv_msg_size</c>, <c>ingester.max_chunk_age</c> (half of it is the window) and the keys of
    /// <c>limits_config</c> that <see cref="LokiLimits"/> has a property for; everything else is ignored, ports included.
    /// </summary>
    /// <param name="lokiYaml">The text of Loki's configuration file.</param>
    /// <param name="overridesYaml">The text of the file named by <c>runtime_config</c>: limits by tenant, which start from those of the first file.</param>
    /// <exception cref="FormatException">A text is not YAML, or a value cannot be read; the message names key and value.</exception>
    public static LokiTestServerOptions FromYaml(string lokiYaml, string? overridesYaml = null) =>
        LokiConfiguration.Read(lokiYaml, overridesYaml) with { Configuration = lokiYaml };

    /// <summary>
    /// Options like those of a Loki that runs, from the text that its <c>/config</c> answers: the same keys as of its files. Nothing is
    /// refused: what cannot be read keeps its default.
    /// </summary>
    /// <param name="config">What <c>GET /config</c> answered.</param>
    /// <param name="skipped">
    /// Told of each limit that the test server does not have, as <c>limits_config.max_query_length: has no counterpart</c>, and of each value that cannot be
    /// read, as <c>limits_config.max_line_size: cannot read 'much'</c>. Null, the default, for nobody.
    /// </param>
    public static LokiTestServerOptions FromRunning(string config, Action<string>? skipped = null) =>
        LokiConfiguration.ReadPrinted(config, skipped ?? (static _ => { })) with { Configuration = config };

    /// <summary>What <c>/config</c> shows; empty if the options do not come from a file.</summary>
    internal string Configuration { get; init; } = "";
}
