using System;
using System.Collections.Generic;
using NLog.Targets.Loki.Encoding;

namespace NLog.Targets.Loki.Batching;

/// <summary>
/// A few rendered entries on their way to the sender, which takes them under one lock: locks and looks at the clock cost more
/// than copying an entry does.
/// </summary>
internal sealed class EntryBlock
{
    // Most of what a block can save is saved by few, and no more wait behind a layout that is slow or never returns.
    private const int MaxEntries = 8;
    private const int FullBytes = 16 * 1024;

    private readonly List<(StreamKey Stream, long Nanoseconds, int End)> _entries = new(MaxEntries);
    private byte[] _bytes = PooledBytes.Rent(FullBytes);
    private int _used;

    public int Count => _entries.Count;

    public bool IsFull => _entries.Count >= MaxEntries || _used >= FullBytes;

    /// <summary>Copies an entry.</summary>
    public void Add(StreamKey stream, ReadOnlySpan<byte> entry, long nanoseconds)
    {
        if (_bytes.Length - _used < entry.Length)
            _bytes = PooledBytes.Move(_bytes, _used, _used + entry.Length);
        entry.CopyTo(_bytes.AsSpan(_used));
        _used += entry.Length;
        _entries.Add((stream, nanoseconds, _used));
    }

    public ReadOnlySpan<byte> Read(int index, out StreamKey stream, out long nanoseconds)
    {
        int end;
        (stream, nanoseconds, end) = _entries[index];
        var start = index == 0 ? 0 : _entries[index - 1].End;
        return new ReadOnlySpan<byte>(_bytes, start, end - start);
    }

    public void Clear()
    {
        _entries.Clear();
        _used = 0;
        // The array of a long line would stay for good.
        if (_bytes.Length > 2 * FullBytes)
            _bytes = PooledBytes.Move(_bytes, 0, FullBytes);
    }
}
