using System;
using System.Collections.Generic;
using System.Globalization;
using System.Text.RegularExpressions;
using System.Threading.Tasks;
using Microsoft.AspNetCore.Http;

namespace NLog.Targets.Loki.Testing;

/// <summary>Parameters of a read, from the query string or a form (pkg/loghttp/params.go).</summary>
internal sealed partial class ReadParameters
{
    private readonly Dictionary<string, List<string>> _values = [];

    public static async Task<ReadParameters> FromAsync(HttpRequest request)
    {
        var parameters = new ReadParameters();
        foreach (var pair in request.Query)
        {
            parameters.Add(pair.Key, pair.Value);
        }

        if (request.HasFormContentType)
        {
            foreach (var pair in await request.ReadFormAsync().ConfigureAwait(false))
            {
                parameters.Add(pair.Key, pair.Value);
            }
        }

        return parameters;
    }

    public string? Text(string name) => _values.TryGetValue(name, out var values) && values[0].Length > 0 ? values[0] : null;

    public IReadOnlyList<string> All(string name) => _values.TryGetValue(name, out var values) ? values : [];

    public int Limit()
    {
        const int most = 5000;
        var limit = Text("limit") is not { } text ? 100
            : int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number
            : throw new QueryRefusal($"strconv.ParseInt: parsing {LabelText.Quote(text)}: invalid syntax");
        return limit <= 0 ? throw new QueryRefusal("limit must be a positive value")
            : limit > most ? throw new QueryRefusal($"max entries limit per query exceeded, limit > max_entries_limit_per_query ({limit} > {most})")
            : limit;
    }

    public bool IsForward() => (Text("direction") ?? "backward").ToUpperInvariant() switch
    {
        "FORWARD" => true,
        "BACKWARD" => false,
        _ => throw new QueryRefusal($"invalid direction '{Text("direction")}'"),
    };

    /// <summary>Start inclusive, end exclusive.</summary>
    public (long Start, long End) Range(long now)
    {
        var end = Time("end") ?? now;
        var start = Time("start") ?? end - Since();
        return end < start ? throw new QueryRefusal("end timestamp must not be before or equal to start time") : (start, end);
    }

    [GeneratedRegex(@"(\d+)(ms|[smhdwy])")]
    private static partial Regex DurationPart();

    private long? Time(string name)
    {
        if (Text(name) is not { } text)
        {
            return null;
        }

        if (text.Contains('.', StringComparison.Ordinal) && double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var seconds))
        {
            return (long)(seconds * NanosecondTime.PerSecond);
        }

        if (long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number))
        {
            return text.Length <= 10 ? number * NanosecondTime.PerSecond : number;
        }

        return DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
            ? NanosecondTime.Of(time)
            : throw new QueryRefusal($"could not parse '{name}' parameter: cannot parse {LabelText.Quote(text)}");
    }

    private long Since()
    {
        var text = Text("since") ?? "1h";
        var sum = TimeSpan.Zero;
        var used = 0;
        foreach (Match part in DurationPart().Matches(text))
        {
            used += part.Length;
            var amount = double.Parse(part.Groups[1].Value, CultureInfo.InvariantCulture);
            sum += part.Groups[2].Value switch
            {
                "ms" => TimeSpan.FromMilliseconds(amount),
                "s" => TimeSpan.FromSeconds(amount),
                "m" => TimeSpan.FromMinutes(amount),
                "h" => TimeSpan.FromHours(amount),
                "d" => TimeSpan.FromDays(amount),
                "w" => TimeSpan.FromDays(7 * amount),
                _ => TimeSpan.FromDays(365 * amount),
            };
        }

        return used == text.Length ? NanosecondTime.Of(sum) : throw new QueryRefusal($"not a valid duration string: {LabelText.Quote(text)}");
    }

    private void Add(string name, IEnumerable<string?> values)
    {
        if (!_values.TryGetValue(name, out var list))
        {
            _values.Add(name, list = []);
        }

        foreach (var value in values)
        {
            list.Add(value ?? "");
        }
    }
}
