using System;
using System.Buffers;

namespace NLog.Targets.Loki.Encoding;

/// <summary>Arrays of the pool for bytes of unknown number: a long line would take a new one on the large object heap each time.</summary>
internal static class PooledBytes
{
    public static byte[] Rent(int count) => ArrayPool<byte>.Shared.Rent(count);

    /// <summary>Gives an array back for one of at least <paramref name="count"/> bytes, which begins with those that are used.</summary>
    public static byte[] Move(byte[] bytes, int used, int count)
    {
        var other = Rent(count);
        Buffer.BlockCopy(bytes, 0, other, 0, used);
        ArrayPool<byte>.Shared.Return(bytes);
        return other;
    }
}
