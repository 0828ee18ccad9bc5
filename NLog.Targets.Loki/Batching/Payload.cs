using System;
using System.Buffers;
using System.Collections.Generic;
using System.IO;
using System.IO.Compression;
using System.Threading;
using System.Threading.Tasks;
using NLog.Targets.Loki.Encoding;

namespace NLog.Targets.Loki.Batching;

/// <summary>
/// Owns the finished bytes of one request. They are allocated, never pooled: HttpClient may still read a body after
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

/// <summary>Owns a payload while the compressor writes it, in segments far below the size of large objects.</summary>
internal sealed class PayloadStream : OneWayStream
{
    private const int SegmentBytes = 16 * 1024;

    private readonly List<ArraySegment<byte>> _segments = new();
    // Written here first: what a segment has room for and does not hold would be garbage that every entry pays for.
    private readonly byte[] _scratch = ArrayPool<byte>.Shared.Rent(SegmentBytes);
    private int _used;
    private long _length;

    public override bool CanWrite => true;

    /// <summary>What was written; nothing can be written after that.</summary>
    public Payload ToPayload(PushFormat format, CompressionLevel compression)
    {
        Keep();
        ArrayPool<byte>.Shared.Return(_scratch);
        return new Payload(_segments, _length, format, compression);
    }

    public override void Write(byte[] buffer, int offset, int count)
    {
        while (count > 0)
        {
            if (_used == SegmentBytes)
                Keep();
            var take = Math.Min(count, SegmentBytes - _used);
            Buffer.BlockCopy(buffer, offset, _scratch, _used, take);
            _used += take;
            offset += take;
            count -= take;
        }
    }

    private void Keep()
    {
        var segment = new byte[_used];
        Buffer.BlockCopy(_scratch, 0, segment, 0, _used);
        _segments.Add(new ArraySegment<byte>(segment));
        _length += _used;
        _used = 0;
    }
}
