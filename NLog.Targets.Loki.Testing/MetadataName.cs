using System;
using System.Collections.Generic;
using System.Text;

namespace NLog.Targets.Loki.Testing;

/// <summary>Rewrites names and values of structured metadata (prometheus/otlptranslator, pkg/distributor/distributor.go).</summary>
internal static class MetadataName
{
    /// <summary>
    /// All pairs of an entry with their stored names and values: a name that was rewritten wins over one that was not, of two
    /// rewritten ones the later, and empty values are gone. What replaces a repeated name replaces the first of them only.
    /// </summary>
    public static List<KeyValuePair<string, string>> Rewrite(IReadOnlyList<KeyValuePair<string, string>> metadata)
    {
        var pairs = new List<KeyValuePair<string, string>>(metadata.Count + 1);
        pairs.AddRange(metadata);
        if (pairs.TrueForAll(pair => Rewrite(pair.Key) == pair.Key && pair.Value.Length > 0 && Clean(pair.Value) == pair.Value))
        {
            return pairs;
        }

        // As labels.Builder of Prometheus works: what it deletes is gone from the original, what it sets comes on top.
        var deleted = pairs.FindAll(pair => pair.Value.Length == 0).ConvertAll(pair => pair.Key);
        var added = new Dictionary<string, string>();
        foreach (var (name, value) in metadata)
        {
            var rewritten = Rewrite(name);
            if (rewritten != name)
            {
                deleted.Add(name);
                added.Remove(name);
            }

            if (rewritten != name && value.Length == 0)
            {
                deleted.Add(rewritten);
                added.Remove(rewritten);
            }
            else if (rewritten != name || Clean(value) != value)
            {
                added[rewritten] = Clean(value);
            }
        }

        pairs.RemoveAll(pair => deleted.Contains(pair.Key));
        foreach (var pair in added)
        {
            var at = pairs.FindIndex(other => other.Key == pair.Key);
            pairs.Insert(Math.Max(at, 0), pair);
            if (at >= 0)
            {
                pairs.RemoveAt(at + 1);
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

    private static string Clean(string value) => GoText.Show(value).Replace('\uFFFD', ' ');

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
