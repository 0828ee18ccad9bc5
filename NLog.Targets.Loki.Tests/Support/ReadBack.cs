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
    // max_entries_limit_per_query of a Loki with default limits.
    private const int PageSize = 5000;

    // A page past 4 MiB of protobuf never leaves Loki's querier (grpc_server_max_recv_msg_size): the request hangs and ends without an answer.
    private const int PageBytes = 2 * 1024 * 1024;

    // Loki spreads the entries of a busy stream over shards that differ in this label, as many as its rate of the moment asks for (shard_streams.desired_rate).
    private const string ShardLabel = "__stream_shard__";

    private static readonly HttpClient s_client = new();

    /// <summary>One line of text for each entry, sorted; <paramref name="around"/> gives the range of time to ask for, and how large an entry is.</summary>
    public static async Task<List<string>> AllAsync(Uri url, string tenant, IReadOnlyList<StoredEntry> around)
    {
        // An entry in two shards is there twice.
        var found = new HashSet<(string Shard, string Text)>();
        if (around.Count == 0)
            return [];
        var limit = Math.Clamp(PageBytes / around.Max(Size), 10, PageSize);
        var (from, end) = (around[0].TimestampNanoseconds, around[^1].TimestampNanoseconds + 1);
        while (true)
        {
            var page = await PageAsync(url, tenant, from, end, limit);
            var before = found.Count;
            found.UnionWith(page.Select(entry => (entry.Shard, entry.Text)));
            if (page.Count < limit)
                return [.. found.Select(entry => entry.Text).Order(StringComparer.Ordinal)];

            // The last nanosecond is asked for again: the page may have ended within it, and it may hold more than a page.
            from = page.Max(entry => entry.Time);
            if (found.Count == before)
                limit *= 2;
        }
    }

    /// <summary>How many lines a query shows, repeated ones included; they must fit on one page.</summary>
    public static async Task<int> CountAsync(Uri url, string tenant, IReadOnlyList<StoredEntry> around) =>
        (await PageAsync(url, tenant, around[0].TimestampNanoseconds, around[^1].TimestampNanoseconds + 1, PageSize)).Count;

    private static int Size(StoredEntry entry) =>
        1 + System.Text.Encoding.UTF8.GetByteCount(entry.Line) + entry.Metadata.Sum(pair => System.Text.Encoding.UTF8.GetByteCount(pair.Key + pair.Value));

    private static async Task<List<(long Time, string Shard, string Text)>> PageAsync(Uri url, string tenant, long from, long end, int limit)
    {
        var query = Uri.EscapeDataString("{service_name=~\".+\"}");
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(url, string.Create(
            CultureInfo.InvariantCulture, $"/loki/api/v1/query_range?query={query}&direction=forward&limit={limit}&start={from}&end={end}")));
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
               let labels = stream.GetProperty("stream")
               let shard = labels.TryGetProperty(ShardLabel, out var number) ? number.GetString()! : ""
               select (long.Parse(value[0].GetString()!, CultureInfo.InvariantCulture), shard, $"{Pairs(labels)} {value[0]} {metadata} {value[1]}"),
        ];
    }

    private static string Pairs(JsonElement pairs) =>
        "{" + string.Join(", ", pairs.EnumerateObject().Where(pair => pair.Name != ShardLabel).OrderBy(pair => pair.Name, StringComparer.Ordinal).Select(pair => $"{pair.Name}={pair.Value}")) + "}";
}
