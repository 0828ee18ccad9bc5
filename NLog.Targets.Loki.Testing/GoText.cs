using System;
using System.Buffers;
using System.Text;
using System.Text.Unicode;

namespace NLog.Targets.Loki.Testing;

/// <summary>
/// Text out of bytes that need not be UTF-8, as Go's JSON encoders show it: one U+FFFD for each byte that belongs to no
/// character, where .NET's decoder would write one for a whole broken sequence.
/// </summary>
internal static class GoText
{
    public static string Of(ReadOnlySpan<byte> bytes)
    {
        if (Utf8.IsValid(bytes))
        {
            return Encoding.UTF8.GetString(bytes);
        }

        var text = new StringBuilder(bytes.Length);
        while (!bytes.IsEmpty)
        {
            var isCharacter = Rune.DecodeFromUtf8(bytes, out var rune, out var used) == OperationStatus.Done;
            text.Append(isCharacter ? rune.ToString() : new string('\uFFFD', used));
            bytes = bytes[used..];
        }

        return text.ToString();
    }
}
