using System;
using System.Collections.Generic;
using System.Globalization;
using System.Text;

namespace NLog.Targets.Loki.Testing;

/// <summary>Labels in writing, with values quoted as Go's <c>strconv.Quote</c> does.</summary>
internal static class LabelText
{
    public static string Print(IReadOnlyList<KeyValuePair<string, string>> sorted)
    {
        var text = new StringBuilder("{");
        for (var i = 0; i < sorted.Count; i++)
        {
            text.Append(i == 0 ? "" : ", ").Append(sorted[i].Key).Append('=').Append(Quote(sorted[i].Value));
        }

        return text.Append('}').ToString();
    }

    public static string Quote(string value)
    {
        var text = new StringBuilder(value.Length + 2).Append('"');
        foreach (var rune in value.EnumerateRunes())
        {
            _ = rune.Value switch
            {
                '"' => text.Append("\\\""),
                '\\' => text.Append("\\\\"),
                '\a' => text.Append("\\a"),
                '\b' => text.Append("\\b"),
                '\f' => text.Append("\\f"),
                '\n' => text.Append("\\n"),
                '\r' => text.Append("\\r"),
                '\t' => text.Append("\\t"),
                '\v' => text.Append("\\v"),
                _ when IsPrintable(rune) => text.Append(rune.ToString()),
                < 0x80 => text.Append(CultureInfo.InvariantCulture, $"\\x{rune.Value:x2}"),
                < 0x10000 => text.Append(CultureInfo.InvariantCulture, $"\\u{rune.Value:x4}"),
                _ => text.Append(CultureInfo.InvariantCulture, $"\\U{rune.Value:x8}"),
            };
        }

        return text.Append('"').ToString();
    }

    // Go's unicode.IsPrint: letters, marks, numbers, punctuation, symbols and the ASCII space.
    private static bool IsPrintable(Rune rune) => rune.Value == ' ' || Rune.GetUnicodeCategory(rune) switch
    {
        UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse
            or UnicodeCategory.OtherNotAssigned or UnicodeCategory.SpaceSeparator or UnicodeCategory.LineSeparator
            or UnicodeCategory.ParagraphSeparator => false,
        _ => true,
    };
}
