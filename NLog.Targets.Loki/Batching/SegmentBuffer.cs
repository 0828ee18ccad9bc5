using System;
using System.Buffers;
using System.Collections.Generic;
using System.IO;

namespace NLog.Targets.Loki.Batching;

/// <summary>Bytes in pooled arrays of at most 32 KiB, so that no batch ever lands on the large object heap.</summary>
internal sealed class SegmentBuffer
{
    // Small first: a thousand open streams must not pin 32 MiB for a handful of lines each.
    private const int FirstSegmentBytes = 1024;
    private const int MaxSegmentBytes = 32 * 1024;

    private readonly List<ArraySegment<byte>> _full = new();
    private byte[] _current = Array.Empty<byte>();
    private int _used;
    private long _fullBytes;

    public long Length => _fullBytes + _used;

    public void Append(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            if (_used == _current.Length)
                Grow();
            var take = Math.Min(bytes.Length, _current.Length - _used);
            bytes.Slice(0, take).CopyTo(_current.AsSpan(_used));
            _used += take;
            bytes = bytes.Slice(take);
        }
    }

    /// <summary>Writes the bytes from <paramref name="start"/> on, <paramref name="count"/> of them.</summary>
    public void CopyTo(Stream target, long start, long count)
    {
        foreach (var segment in Segments())
        {
            if (count == 0)
                return;
            if (start >= segment.Count)
            {
                start -= segment.Count;
                continue;
            }

            var take = (int)Math.Min(count, segment.Count - start);
            target.Write(segment.Array!, segment.Offset + (int)start, take);
            count -= take;
            start = 0;
        }
    }

    /// <summary>Gives the arrays back; the buffer is empty afterwards.</summary>
    public void Release()
    {
        foreach (var segment in _full)
            ArrayPool<byte>.Shared.Return(segment.Array!);
        _full.Clear();
        if (_current.Length > 0)
            ArrayPool<byte>.Shared.Return(_current);
        _current = Array.Empty<byte>();
        _used = 0;
        _fullBytes = 0;
    }

    private IEnumerable<ArraySegment<byte>> Segments()
    {
        foreach (var segment in _full)
            yield return segment;
        yield return new ArraySegment<byte>(_current, 0, _used);
    }

    private void Grow()
    {
        var next = _current.Length == 0 ? FirstSegmentBytes : Math.Min(_current.Length * 2, MaxSegmentBytes);
        if (_current.Length > 0)
        {
            _full.Add(new ArraySegment<byte>(_current, 0, _used));
            _fullBytes += _used;
        }

        _current = ArrayPool<byte>.Shared.Rent(next);
        _used = 0;
    }
}
