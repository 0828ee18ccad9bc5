using System.Text;

namespace NLog.Targets.Loki.Encoding;

/// <summary>Turns names into those that Loki takes, so that no request is refused for a name.</summary>
internal static class LokiName
{
    // Loki's default limit of label names (validation/limits.go, max_label_name_length); the same is plenty for metadata.
    private const int MaxLength = 1024;

    /// <summary>
    /// A stream label: <c>[a-zA-Z_][a-zA-Z0-9_]*</c>. Anything else fails the whole request in Loki's parser
    /// (pkg/logql/syntax/parser.go). Names with two leading underscores are reserved, so one is taken off.
    /// </summary>
    public static string Label(string name)
    {
        if (IsPlain(name, mayRepeatUnderscore: true) && !name.StartsWith("__", System.StringComparison.Ordinal) && name != "_")
            return name;
        var clean = new StringBuilder(name.Length + 1);
        foreach (var c in name)
        {
            if (clean.Length == MaxLength)
                break;
            clean.Append(IsLetterOrDigit(c) || c == '_' ? c : '_');
        }

        while (clean.Length > 1 && clean[0] == '_' && clean[1] == '_')
            clean.Remove(0, 1);
        if (clean.Length == 0 || (clean.Length == 1 && clean[0] == '_'))
            return "label";
        if (IsDigit(clean[0]))
            clean.Insert(0, '_');
        // The underscore put before a digit counts too.
        clean.Length = System.Math.Min(clean.Length, MaxLength);
        return clean.ToString();
    }

    /// <summary>
    /// Structured metadata, written as Loki itself would rewrite it: runs of other characters become one underscore, a leading
    /// digit gets <c>key_</c>. A name of underscores only makes Loki fail the whole push with a 500
    /// (pkg/distributor/distributor.go), so it gets a name of its own.
    /// </summary>
    public static string Metadata(string name)
    {
        if (IsPlain(name, mayRepeatUnderscore: false) && name != "_")
            return name;
        var clean = new StringBuilder(name.Length + 4);
        var hasLetter = false;
        foreach (var c in name)
        {
            if (clean.Length == MaxLength)
                break;
            if (IsLetterOrDigit(c))
            {
                clean.Append(c);
                hasLetter = true;
            }
            else if (clean.Length == 0 || clean[clean.Length - 1] != '_')
            {
                clean.Append('_');
            }
        }

        if (!hasLetter)
            return "property";
        if (IsDigit(clean[0]))
            clean.Insert(0, "key_");
        return clean.ToString();
    }

    private static bool IsPlain(string name, bool mayRepeatUnderscore)
    {
        if (name.Length == 0 || name.Length > MaxLength || IsDigit(name[0]))
            return false;
        var last = ' ';
        foreach (var c in name)
        {
            if (!IsLetterOrDigit(c) && (c != '_' || (last == '_' && !mayRepeatUnderscore)))
                return false;
            last = c;
        }

        return true;
    }

    private static bool IsLetterOrDigit(char c) => c is >= 'a' and <= 'z' or >= 'A' and <= 'Z' || IsDigit(c);

    private static bool IsDigit(char c) => c is >= '0' and <= '9';
}
