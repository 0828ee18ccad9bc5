using System.Buffers;
using System.Collections.Generic;

namespace NLog.Targets.Loki.Batching;

/// <summary>Where each entry of a batch begins, in pooled blocks small enough to stay off the large object heap.</summary>
internal sealed class EntryOffsets
{
    private const int BlockSize = 128;

    private readonly List<int[]> _blocks = new();

    public int Count { get; private set; }

    public int this[int index] => _blocks[index / BlockSize][index % BlockSize];

    public void Add(int offset)
    {
        if (Count % BlockSize == 0)
            _blocks.Add(ArrayPool<int>.Shared.Rent(BlockSize));
        _blocks[Count / BlockSize][Count % BlockSize] = offset;
        Count++;
    }

    /// <summary>Gives the blocks back; there are no entries afterwards.</summary>
    public void Release()
    {
        foreach (var block in _blocks)
            ArrayPool<int>.Shared.Return(block);
        _blocks.Clear();
        Count = 0;
    }
}
