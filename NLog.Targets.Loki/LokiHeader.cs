using NLog.Config;

namespace NLog.Targets.Loki;

/// <summary>One extra request header: <c>&lt;header name="X-Gateway" layout="${environment:GATEWAY_KEY}" /&gt;</c>.</summary>
[NLogConfigurationItem]
public class LokiHeader
{
    /// <summary>The header's name. Required; <c>Content-Type</c> and the other headers that the target sets itself are refused.</summary>
    public string Name { get; set; } = "";

    /// <summary>
    /// The value, a layout that must not depend on the event. It is treated as a secret: never logged, and rendered again after
    /// Loki answered 401 or 403. Letters outside ASCII and control characters are a configuration error.
    /// </summary>
    public string Layout { get; set; } = "";
}
