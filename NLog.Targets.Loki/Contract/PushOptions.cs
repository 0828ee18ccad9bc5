using System;
using System.Collections.Generic;
using System.Net;

namespace NLog.Targets.Loki.Contract;

/// <summary>Where and as whom to push.</summary>
internal sealed class PushOptions
{
    public Uri Endpoint { get; init; } = new("http://localhost:3100/loki/api/v1/push");

    public string Tenant { get; init; } = "";

    /// <summary>Who pushes, as a text to compare that holds no secret; empty for nobody, who may become somebody when credentials come later.</summary>
    public Func<string> User { get; init; } = () => "";

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

    public TimeSpan RequestTimeout { get; init; }

    public TimeSpan ConnectTimeout { get; init; }
}
