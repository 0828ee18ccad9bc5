using System;
using System.Collections.Generic;
using System.IO;
using System.IO.Compression;
using System.Threading;
using System.Threading.Tasks;
using NLog.Targets.Loki.Encoding;

namespace NLog.Targets.Loki.Batching;

/// <summary>
/// The finished bytes of one request. They are allocated, never pooled: HttpClient may still read a body after
/// SendAsync completed (dotnet/runtime#107082).
/// </summary>
internal sealed class Payload
{
    private readonly IReadOnlyList<ArraySegment<byte>> _segments;
    private readonly PushFormat _format;
    private readonly CompressionLevel _compression;

    public Payload(IReadOnlyList<ArraySegment<byte>> segments, long length, PushFormat format, CompressionLevel compression)
    {
        _segments = segments;
        Length = length;
        _format = format;
        _compression = compression;
    }

    public long Length { get; }

    public string ContentType => _format.ContentType;

    public string? ContentEncoding => _format.ContentEncoding(_compression);

    public async Task CopyToAsync(Stream target, CancellationToken cancellation)
    {
        foreach (var segment in _segments)
            await target.WriteAsync(segment.Array!, segment.Offset, segment.Count, cancellation).ConfigureAwait(false);
    }

    public Stream OpenUncompressed()
    {
        var bytes = new MemoryStream();
        foreach (var segment in _segments)
            bytes.Write(segment.Array!, segment.Offset, segment.Count);
        bytes.Position = 0;
        return _format.Decompress(bytes, _compression);
    }
}
