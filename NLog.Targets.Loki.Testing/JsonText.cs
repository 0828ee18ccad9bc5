using System;
using System.Buffers;
using System.IO;
using System.Text;
using System.Text.RegularExpressions;
using System.Text.Unicode;

namespace NLog.Targets.Loki.Testing;

/// <summary>Makes a body digestible for .NET's strict JSON reader where Loki's readers (jsoniter, jsonparser) are lenient.</summary>
internal static class JsonText
{
    /// <summary>
    /// Stands for a byte that is no UTF-8, so that it can be told from a U+FFFD that was sent: labels may hold the one and not
    /// the other. It is a noncharacter of three bytes, like U+FFFD; one that was sent is followed by <see cref="Sent"/>.
    /// </summary>
    private const char InvalidByte = '\uFDD0';

    private const char Sent = '\uFDD1';

    public static ReadOnlySpan<byte> Prepare(ReadOnlySpan<byte> body)
    {
        if (body.IndexOf("\uFDD0"u8) >= 0 || body.IndexOf("\\ufdd0"u8) >= 0 || body.IndexOf("\\uFDD0"u8) >= 0)
        {
            body = Encoding.Latin1.GetBytes(Encoding.Latin1.GetString(body)
                .Replace("\\ufdd0", Utf8Bytes(InvalidByte), StringComparison.OrdinalIgnoreCase)
                .Replace(Utf8Bytes(InvalidByte), Utf8Bytes(InvalidByte, Sent), StringComparison.Ordinal));
        }

        if (!Utf8.IsValid(body))
        {
            body = MarkInvalid(body);
        }

        return body.IndexOfAnyInRange((byte)0, (byte)0x1f) >= 0 ? EscapeControls(body) : body;
    }

    /// <summary>The text with invalid bytes as a reader of Loki sees them.</summary>
    public static string Show(string text) => !text.Contains(InvalidByte) ? text
        : Regex.Replace(text, $"{InvalidByte}{Sent}?", found => found.Length == 1 ? "\uFFFD" : $"{InvalidByte}");

    // One character a byte, so that bytes can be replaced like text.
    private static string Utf8Bytes(params char[] characters) => Encoding.Latin1.GetString(Encoding.UTF8.GetBytes(characters));

    private static byte[] MarkInvalid(ReadOnlySpan<byte> body)
    {
        var text = new StringBuilder(body.Length);
        while (!body.IsEmpty)
        {
            var isCharacter = Rune.DecodeFromUtf8(body, out var rune, out var used) == OperationStatus.Done;
            text.Append(isCharacter ? rune.ToString() : new string(InvalidByte, used));
            body = body[used..];
        }

        return Encoding.UTF8.GetBytes(text.ToString());
    }

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
