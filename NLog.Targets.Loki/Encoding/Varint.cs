using System;

namespace NLog.Targets.Loki.Encoding;

/// <summary>Writes and reads the numbers of protobuf and snappy: seven bits a byte, the lowest first.</summary>
internal static class Varint
{
    public const int MaxBytesOfInt32 = 5;

    public const int MaxBytesOfInt64 = 10;

    /// <summary>How many bytes the number takes.</summary>
    public static int Length(ulong value)
    {
        var length = 1;
        for (; value > 0x7F; value >>= 7)
            length++;
        return length;
    }

    /// <summary>Writes the number and returns where the next byte goes.</summary>
    public static int Write(Span<byte> bytes, int at, ulong value)
    {
        for (; value > 0x7F; value >>= 7)
            bytes[at++] = (byte)(value | 0x80);
        bytes[at++] = (byte)value;
        return at;
    }

    /// <summary>Reads a length, which is never negative, and moves on behind it.</summary>
    public static int ReadLength(ReadOnlySpan<byte> bytes, ref int at)
    {
        var value = 0;
        for (var shift = 0; ; shift += 7)
        {
            var next = bytes[at++];
            value |= (next & 0x7F) << shift;
            if (next < 0x80)
                return value;
        }
    }
}
