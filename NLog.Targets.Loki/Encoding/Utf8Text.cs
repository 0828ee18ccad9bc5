using System;

namespace NLog.Targets.Loki.Encoding;

/// <summary>Turns UTF-16, also with lone surrogates, into UTF-8, and cuts text that is too long.</summary>
internal static class Utf8Text
{
    /// <summary>The most bytes that one UTF-16 code unit takes; both halves of a pair together take four.</summary>
    public const int MaxBytesPerChar = 3;

    /// <summary>How many of the code units fit into so many bytes, no character cut apart.</summary>
    public static int Fit(ReadOnlySpan<char> text, int maxBytes)
    {
        if (text.Length <= maxBytes / MaxBytesPerChar)
            return text.Length;
        var left = maxBytes;
        for (var i = 0; i < text.Length; i++)
        {
            var isPair = IsPair(text, i);
            left -= Width(text[i], isPair);
            if (left < 0)
                return i;
            if (isPair)
                i++;
        }

        return text.Length;
    }

    /// <summary>How many bytes all of it takes.</summary>
    public static int Count(ReadOnlySpan<char> text)
    {
#if NET
        return System.Text.Encoding.UTF8.GetByteCount(text);
#else
        var bytes = 0;
        for (var i = 0; i < text.Length; i++)
        {
            var isPair = IsPair(text, i);
            bytes += Width(text[i], isPair);
            if (isPair)
                i++;
        }

        return bytes;
#endif
    }

    /// <summary>Writes all of it and returns how many bytes that were.</summary>
    public static int Write(ReadOnlySpan<char> text, byte[] bytes, int at)
    {
#if NET
        // Vectorised, and it puts U+FFFD where a surrogate stands alone, as the loop below does.
        return System.Text.Encoding.UTF8.GetBytes(text, bytes.AsSpan(at));
#else
        var start = at;
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] < 0x80)
                bytes[at++] = (byte)text[i];
            else
                at = WriteCharacter(text, ref i, bytes, at);
        }

        return at - start;
#endif
    }

#if !NET
    // Writes the character of more than one byte that begins at i, which moves on to its last code unit; returns where the next one goes.
    private static int WriteCharacter(ReadOnlySpan<char> text, ref int i, byte[] bytes, int at)
    {
        int c = text[i];
        if (c < 0x800)
        {
            bytes[at++] = (byte)(0xC0 | (c >> 6));
            bytes[at++] = (byte)(0x80 | (c & 0x3F));
            return at;
        }

        if (IsPair(text, i))
        {
            var point = char.ConvertToUtf32((char)c, text[++i]);
            bytes[at++] = (byte)(0xF0 | (point >> 18));
            bytes[at++] = (byte)(0x80 | ((point >> 12) & 0x3F));
            bytes[at++] = (byte)(0x80 | ((point >> 6) & 0x3F));
            bytes[at++] = (byte)(0x80 | (point & 0x3F));
            return at;
        }

        // A lone surrogate has no UTF-8 form, and Loki answers 400 to its escape in JSON: U+FFFD stands for it.
        if (char.IsSurrogate((char)c))
            c = 0xFFFD;
        bytes[at++] = (byte)(0xE0 | (c >> 12));
        bytes[at++] = (byte)(0x80 | ((c >> 6) & 0x3F));
        bytes[at++] = (byte)(0x80 | (c & 0x3F));
        return at;
    }
#endif

    private static int Width(char c, bool isPair) => c < 0x80 ? 1 : c < 0x800 ? 2 : isPair ? 4 : 3;

    private static bool IsPair(ReadOnlySpan<char> text, int i) =>
        char.IsHighSurrogate(text[i]) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]);
}
