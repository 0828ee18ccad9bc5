using System;
using System.Buffers;
using System.Collections.Generic;
using System.IO.Compression;
using NLog.Targets.Loki.Encoding;

namespace NLog.Targets.Loki.Batching;

/// <summary>Takes what the compressor writes, in segments far below the size of large objects.</summary>
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
