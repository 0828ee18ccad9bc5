using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Net.Http;
using System.Text.Json;
using System.Threading.Tasks;
using NLog.Targets.Loki.Testing;

namespace NLog.Targets.Loki.Tests.Support;

/// <summary>Reading everything a Loki holds, through its query API and in pages.</summary>
internal static class ReadBack
{
    private const int PageSize = 5000;

    private static readonly HttpClient s_client = new();

    /// <summary>One line of text for each entry, sorted; <paramref name="around"/> gives the range of time to ask for.</summary>
    public static async Task<List<string>> AllAsync(Uri url, string tenant, IReadOnlyList<StoredEntry> around)
    {
        var found = new SortedSet<string>(StringComparer.Ordinal);
        if (around.Count == 0)
            return [];
        var (from, end) = (around[0].TimestampNanoseconds, around[^1].TimestampNanoseconds + 1);
        while (true)
        {
            var page = await PageAsync(url, tenant, from, end);
            found.UnionWith(page.Select(entry => entry.Text));
            if (page.Count < PageSize)
                return [.. found];

            // The last nanosecond is asked for again: the page may have ended within it.
            from = page.Max(entry => entry.Time);
        }
    }

    /// <summary>How many lines a query shows, repeated ones included; they must fit on one page.</summary>
    public static async Task<int> CountAsync(Uri url, string tenant, IReadOnlyList<StoredEntry> around) =>
        (await PageAsync(url, tenant, around[0].TimestampNanoseconds, around[^1].TimestampNanoseconds + 1)).Count;

    private static async Task<List<(long Time, string Text)>> PageAsync(Uri url, string tenant, long from, long end)
    {
        var query = Uri.EscapeDataString("{service_name=~\".+\"}");
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(url, string.Create(
            CultureInfo.InvariantCulture, $"/loki/api/v1/query_range?query={query}&direction=forward&limit={PageSize}&start={from}&end={end}")));
        request.Headers.Add("X-Loki-Response-Encoding-Flags", "categorize-labels");
        request.Headers.TryAddWithoutValidation("X-Scope-OrgID", tenant);
        using var response = await s_client.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        if (!response.IsSuccessStatusCode)
            throw new HttpRequestException($"{(int)response.StatusCode} from {url}: {text}");
        using var answer = JsonDocument.Parse(text);
        return
        [
            .. from stream in answer.RootElement.GetProperty("data").GetProperty("result").EnumerateArray()
               from value in stream.GetProperty("values").EnumerateArray()
               let metadata = value[2].TryGetProperty("structuredMetadata", out var pairs) ? Pairs(pairs) : ""
               select (long.Parse(value[0].GetString()!, CultureInfo.InvariantCulture), $"{Pairs(stream.GetProperty("stream"))} {value[0]} {metadata} {value[1]}"),
        ];
    }

    private static string Pairs(JsonElement pairs) =>
        "{" + string.Join(", ", pairs.EnumerateObject().OrderBy(pair => pair.Name, StringComparer.Ordinal).Select(pair => $"{pair.Name}={pair.Value}")) + "}";
}
