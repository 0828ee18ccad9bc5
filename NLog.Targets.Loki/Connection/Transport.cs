using System;
using System.Net;
using System.Net.Http;
using NLog.Targets.Loki.Contract;

namespace NLog.Targets.Loki.Connection;

/// <summary>Makes the HTTP handler. It is private to the target: one from a factory would log its own pushes.</summary>
internal static class Transport
{
    private const int MaxHeadersKilobytes = 16;

    public static HttpMessageHandler Create(PushOptions options)
    {
#if NET
        return new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            AutomaticDecompression = DecompressionMethods.None,
            ConnectTimeout = options.ConnectTimeout,
            // Loki closes idle connections after two minutes; a bounded lifetime also follows DNS.
            PooledConnectionIdleTimeout = TimeSpan.FromSeconds(90),
            PooledConnectionLifetime = TimeSpan.FromMinutes(2),
            MaxResponseHeadersLength = MaxHeadersKilobytes,
            // Of a body that was not read to its end nothing more is read; the connection goes.
            MaxResponseDrainSize = 0,
            // Neither an activity nor a traceparent header for the logger's own requests.
            ActivityHeadersPropagator = null,
            Proxy = options.Proxy,
            UseProxy = true,
        };
#else
        var handler = new HttpClientHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            AutomaticDecompression = DecompressionMethods.None,
            UseProxy = true,
            MaxResponseHeadersLength = MaxHeadersKilobytes,
        };
        if (options.Proxy is not null)
            handler.Proxy = options.Proxy;
        return handler;
#endif
    }
}
