using NLog.Config;

namespace NLog.Targets.Loki;

/// <summary>One extra request header: <c>&lt;header name="X-Gateway" layout="${environment:GATEWAY_KEY}" /&gt;</c>.</summary>
[NLogConfigurationItem]
public sealed class LokiHeader
{
    /// <summary>Creates a header without name and layout, as NLog's configuration does.</summary>
    public LokiHeader()
    {
    }

    /// <summary>Creates a header.</summary>
    public LokiHeader(string name, string layout)
    {
        Name = name;
        Layout = layout;
    }

    /// <summary>The header's name. Required; <c>Content-Type</c> and the other headers that the target sets itself are refused.</summary>
    public string Name { get; set; } = "";

    /// <summary>
    /// The value, a layout that must not depend on the event. It is treated as a secret: never logged, and rendered again after
    /// Loki answered 401 or 403. Letters outside ASCII and control characters are a configuration error. Default: empty, which leaves the header out.
    /// </summary>
    /// <remarks>A string, as <see cref="LokiTarget.BearerToken"/> is, because NLog prints the text of a layout object into its internal log at Trace.</remarks>
    public string Layout { get; set; } = "";

    /// <summary>The same as <see cref="Layout"/>, as in <c>{ "name": "X-Gateway", "value": "${environment:GATEWAY_KEY}" }</c>.</summary>
    public string Value { get => Layout; set => Layout = value; }
}
