using System;
using System.Buffers;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text;
using System.Text.Json;

namespace NLog.Targets.Loki.Testing;

/// <summary>Finds the level of an entry (pkg/distributor/field_detection.go).</summary>
internal static class DetectedLevel
{
    public const string Name = "detected_level";

    private const string Unknown = "unknown";

    private static readonly IReadOnlyList<string> DefaultFields = new LokiLimits().LogLevelFields;

    private static readonly string[] Words = ["trace", "debug", "fatal", "critical", "error", "err", "warning", "warn", "info"];

    public static string Of(GoLabels labels, IReadOnlyList<KeyValuePair<string, string>> metadata, string line, LokiLimits limits)
    {
        var fields = limits.LogLevelFields.Count > 0 ? limits.LogLevelFields : DefaultFields;
        if (Find(metadata, Name) is { } detected)
        {
            return Table(detected) ?? detected;
        }

        foreach (var field in fields)
        {
            if (labels.TryGetValue(field, out var value))
            {
                return Table(value) ?? value;
            }
        }

        if (metadata.Count > 0)
        {
            foreach (var field in fields)
            {
                if (Find(metadata, field) is { } value)
                {
                    return Table(value) ?? value;
                }
            }

            if (Find(metadata, "severity_number") is { } number)
            {
                return OfSeverityNumber(number);
            }
        }

        return OfLine(line, fields, limits.LogLevelFromJsonMaxDepth);
    }

    private static string? Find(IReadOnlyList<KeyValuePair<string, string>> metadata, string name)
    {
        for (var i = 0; i < metadata.Count; i++)
        {
            if (metadata[i].Key == name && metadata[i].Value.Length > 0)
            {
                return metadata[i].Value;
            }
        }

        return null;
    }

    private static string? Table(ReadOnlySpan<char> value)
    {
        Span<char> lower = stackalloc char[11];
        if (value.Length > lower.Length)
        {
            return null;
        }

        return lower[..value.ToLowerInvariant(lower)] switch
        {
            "trace" or "trc" => "trace",
            "debug" or "dbg" => "debug",
            "info" or "inf" or "information" => "info",
            "warn" or "wrn" or "warning" => "warn",
            "error" or "err" => "error",
            "critical" => "critical",
            "fatal" => "fatal",
            _ => null,
        };
    }

    private static string OfSeverityNumber(string text) =>
        !long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? "info" : number switch
        {
            0 => Unknown,
            <= 4 => "trace",
            <= 8 => "debug",
            <= 12 => "info",
            <= 16 => "warn",
            <= 20 => "error",
            <= 24 => "fatal",
            _ => Unknown,
        };

    private static string OfLine(string line, IReadOnlyList<string> fields, int depth)
    {
        var trimmed = line.AsSpan().Trim();
        var found = trimmed.Length > 1 && trimmed[0] == '{' && trimmed[^1] == '}' ? OfJson(line, fields, depth > 0 ? depth : int.MaxValue)
            : line.Contains('=', StringComparison.Ordinal) ? OfLogfmt(line, fields)
            : null;
        return found ?? OfWord(line);
    }

    private static string? OfJson(string line, IReadOnlyList<string> fields, int depth)
    {
        var bytes = ArrayPool<byte>.Shared.Rent(Encoding.UTF8.GetMaxByteCount(line.Length));
        try
        {
            var json = bytes.AsSpan(0, Encoding.UTF8.GetBytes(line, bytes));
            Tame(json);
            var reader = new Utf8JsonReader(json, new JsonReaderOptions { AllowTrailingCommas = true, MaxDepth = int.MaxValue });
            while (reader.Read())
            {
                // The first such text decides, even if it is no level: then the words of the line are asked.
                if (reader.TokenType == JsonTokenType.PropertyName && reader.CurrentDepth <= depth
                    && fields.Contains(reader.GetString()!)
                    && reader.Read() && reader.TokenType == JsonTokenType.String)
                {
                    return reader.ValueIsEscaped ? null : Table(reader.GetString());
                }

                if (reader.TokenType is JsonTokenType.StartArray || reader.CurrentDepth > depth)
                {
                    reader.TrySkip();
                }
            }
        }
        catch (Exception fault) when (fault is JsonException or InvalidOperationException)
        {
            // Not JSON after all; the words of the line decide.
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(bytes);
        }

        return null;
    }

    // Loki's reader looks into no text that it does not want; what .NET's would trip over is none of a level either.
    private static void Tame(Span<byte> json)
    {
        for (var at = 0; at < json.Length; at++)
        {
            if (json[at] < 0x20)
            {
                json[at] = (byte)' ';
            }
            else if (json[at] == '\\' && at + 1 < json.Length)
            {
                var isEscape = json[at + 1] == 'u'
                    ? at + 5 < json.Length && json.Slice(at + 2, 4).IndexOfAnyExcept("0123456789abcdefABCDEF"u8) < 0
                    : "\"\\/bfnrt"u8.Contains(json[at + 1]);
                json[at] = isEscape ? json[at] : (byte)'_';
                at++;
            }
        }
    }

    // Keys regardless of case; the order of the list decides, not that of the line.
    private static string? OfLogfmt(string line, IReadOnlyList<string> fields)
    {
        string? best = null;
        var bestField = fields.Count;
        foreach (var (key, value) in LogfmtLine.Pairs(line))
        {
            for (var field = 0; field < bestField; field++)
            {
                if (fields[field].Equals(key, StringComparison.OrdinalIgnoreCase))
                {
                    (best, bestField) = (value, field);
                }
            }

            if (bestField == 0)
            {
                break;
            }
        }

        return Table(best);
    }

    // The earliest word wins that has a boundary on both sides.
    private static string OfWord(string line)
    {
        var text = line.AsSpan();
        var afterBoundary = true;
        for (var at = 0; at < text.Length; at++)
        {
            var c = text[at];
            if (afterBoundary && char.IsAsciiLetter(c))
            {
                foreach (var word in Words)
                {
                    var end = at + word.Length;
                    if ((c | 0x20) == word[0] && text[at..].StartsWith(word, StringComparison.OrdinalIgnoreCase)
                        && (end == text.Length || IsLeftBoundary(text[end]) || text[end] is ']' or ')' or '}' or ':' or ',' or '!'))
                    {
                        return Table(word)!;
                    }
                }
            }

            afterBoundary = IsLeftBoundary(c);
        }

        return Unknown;
    }

    private static bool IsLeftBoundary(char c) =>
        c is ' ' or '\t' or '\n' or '[' or '(' or '{' or '"' or '\'' or '=' or '|';
}
