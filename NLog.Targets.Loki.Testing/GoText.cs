using System;
using System.Buffers;
using System.Collections.Generic;
using System.Text;
using System.Text.Unicode;

namespace NLog.Targets.Loki.Testing;

/// <summary>
/// Text out of bytes that need not be UTF-8, without a loss, as Go's strings are: a byte that belongs to no character stands as
/// the lone surrogate U+DC00 plus the byte, so sizes and differences are those of the bytes that were sent.
/// </summary>
internal static class GoText
{
    private const char FirstInvalid = '\uDC80';

    private const char LastInvalid = '\uDCFF';

    public static string Of(ReadOnlySpan<byte> bytes)
    {
        if (Utf8.IsValid(bytes))
        {
            return Encoding.UTF8.GetString(bytes);
        }

        var text = new StringBuilder(bytes.Length);
        while (!bytes.IsEmpty)
        {
            if (Rune.DecodeFromUtf8(bytes, out var rune, out var used) == OperationStatus.Done)
            {
                text.Append(rune.ToString());
            }
            else
            {
                foreach (var invalid in bytes[..used])
                {
                    text.Append((char)('\uDC00' + invalid));
                }
            }

            bytes = bytes[used..];
        }

        return text.ToString();
    }

    /// <summary>The text with one U+FFFD for each invalid byte, as Go's JSON encoders show it.</summary>
    public static string Show(string text) => HoldsInvalid(text) ? string.Concat(text.EnumerateRunes()) : text;

    /// <summary>How many bytes were sent.</summary>
    public static int Size(string text)
    {
        var size = Encoding.UTF8.GetByteCount(text);
        for (var at = HoldsInvalid(text) ? 0 : text.Length; at < text.Length;)
        {
            // Counted above as the three bytes of a replacement.
            size -= IsInvalid(text, at, out var rune) ? 2 : 0;
            at += rune.Utf16SequenceLength;
        }

        return size;
    }

    public static byte[] Bytes(string text)
    {
        if (!HoldsInvalid(text))
        {
            return Encoding.UTF8.GetBytes(text);
        }

        var bytes = new List<byte>(text.Length);
        Span<byte> character = stackalloc byte[4];
        for (var at = 0; at < text.Length;)
        {
            if (IsInvalid(text, at, out var rune))
            {
                bytes.Add((byte)(text[at] - '\uDC00'));
            }
            else
            {
                bytes.AddRange(character[..rune.EncodeToUtf8(character)]);
            }

            at += rune.Utf16SequenceLength;
        }

        return [.. bytes];
    }

    /// <summary>The character at this place; U+FFFD for an invalid byte, to Go as to anyone.</summary>
    public static bool IsInvalid(string text, int at, out Rune rune)
    {
        var isCharacter = Rune.TryGetRuneAt(text, at, out rune);
        rune = isCharacter ? rune : Rune.ReplacementChar;
        return !isCharacter;
    }

    private static bool HoldsInvalid(string text) => text.AsSpan().IndexOfAnyInRange(FirstInvalid, LastInvalid) >= 0;
}
