using System.IO;
using System.Net;
using System.Net.Http;
using System.Net.Http.Headers;
using System.Threading;
using System.Threading.Tasks;
using NLog.Targets.Loki.Batching;

namespace NLog.Targets.Loki.Connection;

/// <summary>The body of one request: a view of a payload, which outlives it.</summary>
internal sealed class PayloadContent : HttpContent
{
    private readonly Payload _payload;

    public PayloadContent(Payload payload)
    {
        _payload = payload;
        Headers.ContentType = new MediaTypeHeaderValue(payload.ContentType);
        if (payload.ContentEncoding is { } encoding)
            Headers.ContentEncoding.Add(encoding);
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        _payload.CopyToAsync(stream, CancellationToken.None);

#if NET
    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken) =>
        _payload.CopyToAsync(stream, cancellationToken);
#endif

    protected override bool TryComputeLength(out long length)
    {
        length = _payload.Length;
        return true;
    }
}
