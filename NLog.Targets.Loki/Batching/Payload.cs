using System;
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

/// <summary>Owns a payload while the compressor writes it, in segments under 64 KiB.</summary>
internal sealed class PayloadStream : OneWayStream
{
    private const int FirstSegmentBytes = 512;
    // Half of the last one is empty on average, which is garbage that every entry pays for.
    private const int MaxSegmentBytes = 16 * 1024;

    private readonly List<ArraySegment<byte>> _segments = new();
    private byte[] _current = new byte[FirstSegmentBytes];
    private int _used;
    private long _length;

    public override bool CanWrite => true;

    public Payload ToPayload(PushFormat format, CompressionLevel compression)
    {
        _segments.Add(new ArraySegment<byte>(_current, 0, _used));
        return new Payload(_segments, _length, format, compression);
    }

    public override void Write(byte[] buffer, int offset, int count)
    {
        while (count > 0)
        {
            if (_used == _current.Length)
            {
                _segments.Add(new ArraySegment<byte>(_current, 0, _used));
                _current = new byte[Math.Min(_current.Length * 2, MaxSegmentBytes)];
                _used = 0;
            }

            var take = Math.Min(count, _current.Length - _used);
            Buffer.BlockCopy(buffer, offset, _current, _used, take);
            _used += take;
            _length += take;
            offset += take;
            count -= take;
        }
    }
}
