using System;
using System.Collections.Generic;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace NLog.Targets.Loki.Testing;

/// <summary>A log query: a selector and the stages behind it.</summary>
internal sealed class LogQuery(IReadOnlyList<Matcher> selector, IReadOnlyList<Func<QueryLine, bool>> stages)
{
    public bool Selects(GoLabels labels)
    {
        foreach (var matcher in selector)
        {
            if (!matcher.Matches(labels.TryGetValue(matcher.Name, out var value) ? value : ""))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>The entry as the query shows it, or null if a stage drops it.</summary>
    public QueryLine? Run(GoLabels labels, StoredEntry entry)
    {
        var metadata = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var pair in entry.Metadata)
        {
            // Read as the error of a stage, and gone with it.
            if (pair.Key is "__error__" or "__error_details__")
            {
                continue;
            }

            metadata[labels.ContainsKey(pair.Key) ? pair.Key + "_extracted" : pair.Key] = pair.Value;
        }

        var line = new QueryLine(entry, labels, metadata);
        foreach (var stage in stages)
        {
            if (!stage(line))
            {
                return null;
            }
        }

        return line;
    }

    public static Func<QueryLine, bool> LineFilter(string @operator, string text)
    {
        var pattern = @operator is "|~" or "!~" ? Matcher.Compile(text, RegexOptions.None) : null;
        return @operator switch
        {
            "|=" => line => line.Entry.Line.Contains(text, StringComparison.Ordinal),
            "!=" => line => !line.Entry.Line.Contains(text, StringComparison.Ordinal),
            "|~" => line => pattern!.IsMatch(line.Entry.Line),
            _ => line => !pattern!.IsMatch(line.Entry.Line),
        };
    }

    public static Func<QueryLine, bool> LabelFilter(Matcher matcher) => line => matcher.Matches(line.Value(matcher.Name));

    /// <summary>The <c>json</c> stage: nested names joined with an underscore, arrays left out (pkg/logql/log/parser.go).</summary>
    public static bool ParseJson(QueryLine line)
    {
        try
        {
            using var document = JsonDocument.Parse(line.Entry.Line);
            if (document.RootElement.ValueKind == JsonValueKind.Object)
            {
                Flatten(line, "", document.RootElement);
                return true;
            }
        }
        catch (JsonException)
        {
            // Reported as a label, as Loki does; the entry stays.
        }

        line.Parsed["__error__"] = "JSONParserErr";
        return true;
    }

    private static void Flatten(QueryLine line, string prefix, JsonElement element)
    {
        foreach (var property in element.EnumerateObject())
        {
            var name = prefix + Regex.Replace(property.Name, "[^a-zA-Z0-9_]", "_");
            switch (property.Value.ValueKind)
            {
                case JsonValueKind.Object:
                    Flatten(line, name + "_", property.Value);
                    break;
                case JsonValueKind.Array or JsonValueKind.Null:
                    break;
                default:
                    var value = property.Value.ValueKind == JsonValueKind.String ? property.Value.GetString()! : property.Value.GetRawText();
                    var shown = line.Labels.ContainsKey(name) || line.Metadata.ContainsKey(name) ? name + "_extracted" : name;
                    if (value.Length > 0)
                    {
                        line.Parsed.TryAdd(shown, value);
                    }

                    break;
            }
        }
    }
}
