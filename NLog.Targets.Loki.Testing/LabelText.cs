using System;
using System.Collections.Generic;
using System.Globalization;
using System.Text;

namespace NLog.Targets.Loki.Testing;

/// <summary>Labels in writing, with values quoted as Go's <c>strconv.Quote</c> does.</summary>
internal static class LabelText
{
    /// <summary>As Loki prints labels in its texts: a name that is no plain one is quoted too (prometheus/model/labels).</summary>
    public static string Print(IReadOnlyList<KeyValuePair<string, string>> sorted) =>
        Print(sorted, name => LabelParser.IsName(name) ? name : Quote(name));

    /// <summary>As Loki prints the labels of a JSON body before it parses them: names as they came (pkg/loghttp/labels.go).</summary>
    public static string PrintRawNames(IReadOnlyList<KeyValuePair<string, string>> sorted) => Print(sorted, name => name);

    public static string Quote(string value)
    {
        var text = new StringBuilder(value.Length + 2).Append('"');
        for (var at = 0; at < value.Length;)
        {
            if (GoText.IsInvalid(value, at, out var rune))
            {
                text.Append(CultureInfo.InvariantCulture, $"\\x{value[at] - '\uDC00':x2}");
            }
            else
            {
                Append(text, rune, '"');
            }

            at += rune.Utf16SequenceLength;
        }

        return text.Append('"').ToString();
    }

    /// <summary>Go's <c>%q</c> of a character.</summary>
    public static string Quote(Rune rune)
    {
        var text = new StringBuilder("'");
        Append(text, rune, '\'');
        return text.Append('\'').ToString();
    }

    /// <summary>Go's <c>%#U</c>.</summary>
    public static string Name(Rune rune) => $"U+{rune.Value:X4}{(IsPrintable(rune) ? $" '{rune}'" : "")}";

    private static string Print(IReadOnlyList<KeyValuePair<string, string>> sorted, Func<string, string> printed)
    {
        var text = new StringBuilder("{");
        for (var i = 0; i < sorted.Count; i++)
        {
            text.Append(i == 0 ? "" : ", ").Append(printed(sorted[i].Key)).Append('=').Append(Quote(sorted[i].Value));
        }

        return text.Append('}').ToString();
    }

    private static void Append(StringBuilder text, Rune rune, char quote) => _ = rune.Value switch
    {
        _ when rune.Value == quote => text.Append('\\').Append(quote),
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

    // Go's unicode.IsPrint: letters, marks, numbers, punctuation, symbols and the ASCII space.
    private static bool IsPrintable(Rune rune) => rune.Value == ' ' || Rune.GetUnicodeCategory(rune) switch
    {
        UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse
            or UnicodeCategory.OtherNotAssigned or UnicodeCategory.SpaceSeparator or UnicodeCategory.LineSeparator
            or UnicodeCategory.ParagraphSeparator => false,
        _ => true,
    };
}
