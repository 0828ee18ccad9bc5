#if NET
using System;
using System.Numerics;
using System.Runtime.Intrinsics;
#endif

namespace NLog.Targets.Loki.Encoding;

/// <summary>Escapes UTF-8 as the text between the quotes of a JSON string (RFC 8259, section 7).</summary>
internal static class JsonEscape
{
    /// <summary>The most that a code unit of UTF-16 becomes: <c>\u001f</c>.</summary>
    public const int MaxBytesPerChar = 6;

    /// <summary>Whole blocks are moved: so much behind the text must be there to be read, and behind what it becomes to be written.</summary>
    public const int BlockBytes = 16;

#if NET
    /// <summary>Writes the first <paramref name="length"/> bytes of the text and returns where the next byte goes.</summary>
    public static int Write(byte[] text, int length, byte[] target, int at)
    {
        // A line that is JSON itself has a quote every few characters, in no pattern that a processor could foresee. So nothing is
        // asked of a character that stands as it is: a block is moved whole, and what follows a character to escape once more, behind it.
        for (var start = 0; start < length; start += BlockBytes)
        {
            var block = Vector128.Create(text, start);
            block.CopyTo(target, at);
            var end = Math.Min(start + BlockBytes, length);
            var next = start;
            for (var left = Special(block) & ((1u << (end - start)) - 1); left != 0; left &= left - 1)
            {
                var special = start + BitOperations.TrailingZeroCount(left);
                at = Escape(text[special], target, at + special - next);
                next = special + 1;
                Vector128.Create(text, next).CopyTo(target, at);
            }

            at += end - next;
        }

        return at;
    }

    // A bit for each byte of the block that cannot stand as it is.
    private static uint Special(Vector128<byte> block) =>
        (Vector128.LessThan(block, Vector128.Create((byte)' '))
            | Vector128.Equals(block, Vector128.Create((byte)'"'))
            | Vector128.Equals(block, Vector128.Create((byte)'\\'))).ExtractMostSignificantBits();
#else
    /// <summary>Writes the first <paramref name="length"/> bytes of the text and returns where the next byte goes.</summary>
    public static int Write(byte[] text, int length, byte[] target, int at)
    {
        for (var i = 0; i < length; i++)
        {
            var c = text[i];
            if (c < ' ' || c == '"' || c == '\\')
                at = Escape(c, target, at);
            else
                target[at++] = c;
        }

        return at;
    }
#endif

    // Small, so that the compiler makes it part of the loop.
    private static int Escape(byte c, byte[] target, int at)
    {
        if (c < ' ')
            return Control(c, target, at);
        target[at] = (byte)'\\';
        target[at + 1] = c;
        return at + 2;
    }

    private static int Control(byte c, byte[] target, int at)
    {
        target[at++] = (byte)'\\';
        switch (c)
        {
            case (byte)'\n':
                target[at++] = (byte)'n';
                break;
            case (byte)'\r':
                target[at++] = (byte)'r';
                break;
            case (byte)'\t':
                target[at++] = (byte)'t';
                break;
            default:
                target[at++] = (byte)'u';
                target[at++] = (byte)'0';
                target[at++] = (byte)'0';
                target[at++] = (byte)(c < 0x10 ? '0' : '1');
                target[at++] = (byte)"0123456789abcdef"[c & 0xF];
                break;
        }

        return at;
    }
}
