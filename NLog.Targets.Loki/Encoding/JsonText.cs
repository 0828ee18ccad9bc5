using System;
#if NET
using System.Numerics;
using System.Runtime.Intrinsics;
#endif

namespace NLog.Targets.Loki.Encoding;

/// <summary>Owns how UTF-8 becomes what stands between the quotes of a JSON string (RFC 8259, section 7).</summary>
internal static class JsonText
{
    /// <summary>The most that a byte becomes: <c>\u001f</c>.</summary>
    public const int MaxBytesPerByte = 6;

    /// <summary>Whole blocks are moved: so much behind the text must be there to be read, and behind its escaped form to be written.</summary>
    public const int SlackBytes = BlockBytes;

    private const int BlockBytes = 16;

#if NET
    /// <summary>Writes the first <paramref name="length"/> bytes of the text and returns how many they became.</summary>
    public static int Write(ReadOnlySpan<byte> text, int length, Span<byte> target)
    {
        // A line that is JSON itself has a quote every few characters, in no pattern that a processor could foresee. So nothing is
        // asked of the single character: a block is moved as it is, and what follows a character to escape is moved once more, behind it.
        var at = 0;
        for (var start = 0; start < length; start += BlockBytes)
        {
            var block = Vector128.Create(text.Slice(start));
            block.CopyTo(target.Slice(at));
            var end = Math.Min(start + BlockBytes, length);
            var next = start;
            for (var left = Special(block) & ((1u << (end - start)) - 1); left != 0; left &= left - 1)
            {
                var special = start + BitOperations.TrailingZeroCount(left);
                at += special - next;
                at += text[special] >= ' ' ? Quote(text[special], target.Slice(at)) : Control(text[special], target.Slice(at));
                next = special + 1;
                Vector128.Create(text.Slice(next)).CopyTo(target.Slice(at));
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
    /// <summary>Writes the first <paramref name="length"/> bytes of the text and returns how many they became.</summary>
    public static int Write(ReadOnlySpan<byte> text, int length, Span<byte> target)
    {
        var at = 0;
        foreach (var c in text.Slice(0, length))
        {
            if (c < ' ')
                at += Control(c, target.Slice(at));
            else if (c is (byte)'"' or (byte)'\\')
                at += Quote(c, target.Slice(at));
            else
                target[at++] = c;
        }

        return at;
    }
#endif

    // Small, so that it becomes part of the loop.
    private static int Quote(byte c, Span<byte> target)
    {
        target[1] = c;
        target[0] = (byte)'\\';
        return 2;
    }

    private static int Control(byte c, Span<byte> target)
    {
        var letter = c switch
        {
            (byte)'\n' => 'n',
            (byte)'\r' => 'r',
            (byte)'\t' => 't',
            _ => 'u',
        };
        Quote((byte)letter, target);
        if (letter != 'u')
            return 2;
        target[2] = (byte)'0';
        target[3] = (byte)'0';
        target[4] = (byte)(c < 0x10 ? '0' : '1');
        target[5] = (byte)"0123456789abcdef"[c & 0xF];
        return MaxBytesPerByte;
    }
}
