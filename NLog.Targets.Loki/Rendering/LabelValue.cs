using System;
using System.Text;

namespace NLog.Targets.Loki.Rendering;

/// <summary>Turns a rendered text into a label value that Loki takes.</summary>
internal static class LabelValue
{
    /// <summary>Loki's default of <c>max_label_value_length</c>, in UTF-8 bytes (validation/limits.go).</summary>
    public const int MaxBytes = 2048;

    /// <summary>
    /// Loki answers 400 to U+FFFD in a label value, and a lone surrogate becomes one on its way to UTF-8, so both turn into a
    /// question mark. Longer values are cut between characters; <paramref name="cut"/> tells.
    /// </summary>
    public static string Clean(string value, out bool cut)
    {
        cut = false;
        var bytes = 0;
        var clean = true;
        foreach (var c in value)
        {
            bytes += c < 0x80 ? 1 : c < 0x800 ? 2 : 3;
            clean &= !char.IsSurrogate(c) && c != '\uFFFD';
        }

        if (clean && bytes <= MaxBytes)
            return value;
        var result = new StringBuilder(Math.Min(value.Length, MaxBytes));
        bytes = 0;
        for (var i = 0; i < value.Length; i++)
        {
            var c = value[i];
            var isPair = char.IsHighSurrogate(c) && i + 1 < value.Length && char.IsLowSurrogate(value[i + 1]);
            if (!isPair && (char.IsSurrogate(c) || c == '\uFFFD'))
                c = '?';
            bytes += isPair ? 4 : c < 0x80 ? 1 : c < 0x800 ? 2 : 3;
            if (bytes > MaxBytes)
            {
                cut = true;
                break;
            }

            result.Append(c);
            if (isPair)
                result.Append(value[++i]);
        }

        return result.ToString();
    }
}
