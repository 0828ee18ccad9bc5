using System;
using System.IO;
using IronSnappy;

namespace NLog.Targets.Loki.Testing;

/// <summary>Undoes a snappy block (pkg/util/http.go, decompressFromBuffer).</summary>
internal static class SnappyBlock
{
    // The densest element of the format is a copy: three bytes that stand for 64.
    private const int GreatestRatio = 22;

    /// <summary>The declared length is judged before anything is allocated for it.</summary>
    public static byte[] Decode(ReadOnlySpan<byte> block, long ceiling)
    {
        var length = DeclaredLength(block);
        if (ceiling > 0 && length > ceiling)
        {
            throw PushBody.TooLarge("decompressed message", length, ceiling);
        }

        // What cannot come out of so few bytes would be found corrupt only after gigabytes were set aside for it.
        if (length > (long)block.Length * GreatestRatio)
        {
            throw Corrupt();
        }

        if (length > Array.MaxLength)
        {
            throw new PushRefusal(400, "snappy: decoded block is too large");
        }

        try
        {
            return Snappy.Decode(block);
        }
        catch (Exception fault) when (fault is IOException or ArgumentException or IndexOutOfRangeException)
        {
            throw Corrupt();
        }
    }

    private static long DeclaredLength(ReadOnlySpan<byte> block)
    {
        ulong length = 0;
        for (var at = 0; at < Math.Min(block.Length, 5); at++)
        {
            length |= (ulong)(block[at] & 0x7f) << (7 * at);
            if (block[at] < 0x80)
            {
                return length <= uint.MaxValue ? (long)length : throw Corrupt();
            }
        }

        throw Corrupt();
    }

    private static PushRefusal Corrupt() => new(400, "snappy: corrupt input");
}
