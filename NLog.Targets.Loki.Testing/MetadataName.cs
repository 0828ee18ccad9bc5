using System;
using System.Text;

namespace NLog.Targets.Loki.Testing;

/// <summary>Rewrites names and values of structured metadata (prometheus/otlptranslator, pkg/distributor/distributor.go).</summary>
internal static class MetadataName
{
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

        var reserved = name.Length > 4 && name.StartsWith("__", StringComparison.Ordinal) && name.EndsWith("__", StringComparison.Ordinal);
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

    public static string RewriteValue(string value) => value.Replace('\uFFFD', ' ');

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
