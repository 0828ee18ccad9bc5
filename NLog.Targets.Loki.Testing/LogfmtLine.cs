using System;
using System.Collections.Generic;
using System.Text.RegularExpressions;

namespace NLog.Targets.Loki.Testing;

/// <summary>The keys and values of a logfmt line up to its first fault (pkg/logql/log/logfmt/decode.go).</summary>
internal static partial class LogfmtLine
{
    public static IEnumerable<(string Key, string Value)> Pairs(string line)
    {
        // A key without a value counts; a quote inside a key or a value, or a second equals sign, ends it all.
        for (var match = Pair().Match(line); match.Success; match = match.NextMatch())
        {
            var value = match.Groups["quoted"] is { Success: true } quoted ? Unquote(quoted.Value) : match.Groups["plain"].Value;
            if (value is null)
            {
                yield break;
            }

            yield return (match.Groups["key"].Value, value);
        }
    }

    [GeneratedRegex("""\G[\x00-\x20]*(?<key>[^\x00-\x20="]+)(?:=(?:"(?<quoted>(?:[^"\\]|\\.)*)"|(?<plain>[^\x00-\x20="]*)(?=[\x00-\x20]|\z))|(?=[\x00-\x20]|\z))""", RegexOptions.Singleline)]
    private static partial Regex Pair();

    private static string? Unquote(string text)
    {
        if (!text.Contains('\\', StringComparison.Ordinal))
        {
            return text;
        }

        try
        {
            return Regex.Unescape(text);
        }
        catch (ArgumentException)
        {
            return null;
        }
    }
}
