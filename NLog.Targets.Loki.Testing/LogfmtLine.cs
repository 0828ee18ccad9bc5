using System.Collections.Generic;
using System.Text.RegularExpressions;

namespace NLog.Targets.Loki.Testing;

/// <summary>The keys and values of a logfmt line up to its first fault (pkg/logql/log/logfmt/decode.go).</summary>
internal static partial class LogfmtLine
{
    public static IEnumerable<(string Key, string Value)> Pairs(string line)
    {
        // A key without a value counts; a quote inside a key or a value, a second equals sign or an escape
        // that JSON does not know (but for that of the single quote) ends it all.
        for (var match = Pair().Match(line); match.Success; match = match.NextMatch())
        {
            var value = match.Groups["quoted"] is { Success: true } quoted ? Regex.Unescape(quoted.Value) : match.Groups["plain"].Value;
            yield return (match.Groups["key"].Value, value);
        }
    }

    [GeneratedRegex("""\G[\x00-\x20]*(?<key>[^\x00-\x20="]+)(?:=(?:"(?<quoted>(?:[^"\\]|\\(?:["\\/'bfnrt]|u[0-9A-Fa-f]{4}))*)"|(?<plain>[^\x00-\x20="]*)(?=[\x00-\x20]|\z))|(?=[\x00-\x20]|\z))""", RegexOptions.Singleline)]
    private static partial Regex Pair();
}
