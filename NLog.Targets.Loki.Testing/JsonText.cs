using System;
using System.Buffers.Text;
using System.Collections.Generic;
using System.IO;
using System.Text;
using System.Text.Json;

namespace NLog.Targets.Loki.Testing;

/// <summary>Strings as Loki's JSON readers (jsoniter, jsonparser) take them, which .NET's strict one does not.</summary>
internal static class JsonText
{
    private const string Letters = "\"\\/bfnrt";

    /// <summary>The body with nothing in it that .NET's reader refuses and Loki's take.</summary>
    public static ReadOnlySpan<byte> Prepare(ReadOnlySpan<byte> body) =>
        body.IndexOfAnyInRange((byte)0, (byte)0x1f) >= 0 ? EscapeControls(body) : body;

    /// <summary>The name or text the reader is at.</summary>
    /// <param name="reader">The reader.</param>
    /// <param name="lenient">Whether by jsoniter's rules, for which half of a character is a U+FFFD, or by jsonparser's.</param>
    public static string Read(ref Utf8JsonReader reader, bool lenient = false) =>
        GoText.Of(reader.ValueIsEscaped ? Unescape(reader.ValueSpan, lenient) : reader.ValueSpan);

    /// <exception cref="JsonException">An escape is none.</exception>
    public static ReadOnlySpan<byte> Unescape(ReadOnlySpan<byte> text, bool lenient = false)
    {
        if (text.IndexOf((byte)'\\') < 0)
        {
            return text;
        }

        var result = new List<byte>(text.Length);
        Span<byte> character = stackalloc byte[4];
        while (!text.IsEmpty)
        {
            var plain = text.IndexOf((byte)'\\') is var at && at < 0 ? text.Length : at;
            result.AddRange(text[..plain]);
            text = text[plain..];
            if (text.Length > 1 && Letters.IndexOf((char)text[1], StringComparison.Ordinal) is var letter and >= 0)
            {
                result.Add((byte)"\"\\/\b\f\n\r\t"[letter]);
                text = text[2..];
            }
            else if (!text.IsEmpty)
            {
                var code = Code(text, lenient, out var used);
                var rune = Rune.TryCreate(code, out var valid) ? valid : Rune.ReplacementChar;
                result.AddRange(character[..rune.EncodeToUtf8(character)]);
                text = text[used..];
            }
        }

        return result.ToArray();
    }

    // escape.go of jsonparser looks at the second half of a pair only as far as that it is none of the first kind.
    private static int Code(ReadOnlySpan<byte> text, bool lenient, out int used)
    {
        var first = Unit(text);
        used = 6;
        if (first is < 0xd800 or > 0xdfff)
        {
            return first < 0 ? throw new JsonException("Value is string, but an escape in it is malformed") : first;
        }

        var second = Unit(text[6..]);
        var isPair = lenient ? first < 0xdc00 && second is >= 0xdc00 and <= 0xdfff : second >= 0xdc00;
        used = isPair ? 12 : 6;
        return isPair ? 0x10000 + ((first - 0xd800) << 10) + second - 0xdc00
            : lenient ? first
            : throw new JsonException("Value is string, but half of a surrogate pair is missing");
    }

    private static int Unit(ReadOnlySpan<byte> text) =>
        text.Length >= 6 && text[0] == '\\' && text[1] == 'u' && Utf8Parser.TryParse(text[2..6], out ushort unit, out var used, 'X') && used == 4 ? unit : -1;

    // jsoniter looks for raw control characters only up to the first backslash of a string.
    private static byte[] EscapeControls(ReadOnlySpan<byte> body)
    {
        var inside = false;
        var pastBackslash = false;
        using var result = new MemoryStream(body.Length);
        for (var at = 0; at < body.Length; at++)
        {
            var next = body[at];
            if (inside && pastBackslash && next < 0x20)
            {
                result.Write(Encoding.ASCII.GetBytes($"\\u{next:x4}"));
                continue;
            }

            result.WriteByte(next);
            if (next == '"')
            {
                inside = !inside;
                pastBackslash = false;
            }
            else if (inside && next == '\\')
            {
                pastBackslash = true;
                if (++at < body.Length)
                {
                    result.WriteByte(body[at]);
                }
            }
        }

        return result.ToArray();
    }
}
