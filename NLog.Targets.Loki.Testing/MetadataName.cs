using System;
using System.Collections.Generic;
using System.Text;

namespace NLog.Targets.Loki.Testing;

/// <summary>Rewrites names and values of structured metadata (prometheus/otlptranslator, pkg/distributor/distributor.go).</summary>
internal static class MetadataName
{
    /// <summary>
    /// All pairs of an entry with their stored names and values: a name that was rewritten wins over one that was not, of two
    /// rewritten ones the later, and empty values are gone.
    /// </summary>
    public static List<KeyValuePair<string, string>> Rewrite(IReadOnlyList<KeyValuePair<string, string>> metadata)
    {
        var pairs = new List<KeyValuePair<string, string>>(metadata.Count + 1);
        pairs.AddRange(metadata);
        pairs.RemoveAll(pair => pair.Value.Length == 0);
        foreach (var (name, value) in metadata)
        {
            var rewritten = Rewrite(name);
            var clean = value.Replace('\uFFFD', ' ');
            if (rewritten != name || clean != value)
            {
                pairs.RemoveAll(pair => pair.Key == rewritten || (rewritten != name && pair.Key == name));
                if (value.Length > 0)
                {
                    pairs.Add(new(rewritten, clean));
                }
            }
        }

        return pairs;
    }

    public static string Rewrite(string name)
    {
        if (name.Length == 0)
        {
            // Not 400: Loki lets the error through as one of its own.
            throw new PushRefusal(500, "label name is empty");
        }

        if (IsKept(name))
        {
            return name;
        }

        var reserved = name.Length >= 4 && name.StartsWith("__", StringComparison.Ordinal) && name.EndsWith("__", StringComparison.Ordinal);
        var text = new StringBuilder(name.Length);
        foreach (var rune in (reserved ? name[2..^2] : name).EnumerateRunes())
        {
            if (rune.IsAscii && char.IsAsciiLetterOrDigit((char)rune.Value))
            {
                text.Append((char)rune.Value);
            }
            else if (text.Length == 0 || text[^1] != '_')
            {
                text.Append('_');
            }
        }

        var rewritten = reserved ? $"__{text}__" : text.ToString();
        if (rewritten.AsSpan().Trim('_').IsEmpty)
        {
            throw new PushRefusal(500, $"normalization for label name {LabelText.Quote(name)} resulted in invalid name {LabelText.Quote(rewritten)}");
        }

        return char.IsAsciiDigit(rewritten[0]) ? "key_" + rewritten : rewritten;
    }

    private static bool IsKept(string name)
    {
        var hasLetterOrDigit = false;
        for (var i = 0; i < name.Length; i++)
        {
            var c = name[i];
            if (c == '_' ? i > 0 && name[i - 1] == '_' : !char.IsAsciiLetterOrDigit(c))
            {
                return false;
            }

            hasLetterOrDigit |= c != '_';
        }

        return hasLetterOrDigit && !char.IsAsciiDigit(name[0]);
    }
}
