using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Net.Http;
using System.Text.Json;
using System.Threading;
using System.Threading.Tasks;

namespace QuickStart;

/// <summary>Reads over HTTP what Loki holds.</summary>
internal sealed class LokiReader : IDisposable
{
    // max_entries_limit_per_query of a Loki with default limits.
    private const int PageSize = 5000;

    private static readonly TimeSpan s_pingTimeout = TimeSpan.FromSeconds(10);

    private readonly HttpClient _http;
    private readonly string _base;

    public LokiReader(LokiAddress address)
    {
        _base = address.Base;
        _http = new HttpClient(new SocketsHttpHandler { ConnectTimeout = TimeSpan.FromSeconds(5) });
        _http.DefaultRequestHeaders.Authorization = address.Authorization;
        if (!string.IsNullOrEmpty(address.Tenant))
            _http.DefaultRequestHeaders.TryAddWithoutValidation("X-Scope-OrgID", address.Tenant);
        // Otherwise Loki merges metadata into the labels, and each stream falls apart into as many as it has metadata.
        _http.DefaultRequestHeaders.Add("X-Loki-Response-Encoding-Flags", "categorize-labels");
    }

    public async Task PingAsync()
    {
        using var timeout = new CancellationTokenSource(s_pingTimeout);
        try
        {
            using var answer = await GetAsync("/loki/api/v1/labels", timeout.Token);
            await using var body = await answer.Content.ReadAsStreamAsync(timeout.Token);
            using var json = await JsonDocument.ParseAsync(body, cancellationToken: timeout.Token);
        }
        catch (OperationCanceledException)
        {
            throw new InvalidDataException($"no answer within {s_pingTimeout.TotalSeconds} s");
        }
    }

    /// <summary>All streams of a query, page by page in the order of time.</summary>
    public async Task<IReadOnlyCollection<StoredStream>> ReadAsync(string query, DateTimeOffset since)
    {
        var streams = new Dictionary<string, StoredStream>(StringComparer.Ordinal);
        var start = Nanoseconds(since);
        var end = Nanoseconds(DateTimeOffset.UtcNow.AddHours(1));
        var atStart = new HashSet<(string Labels, string Line)>();
        while (true)
        {
            var page = await PageAsync(query, start, end);
            if (page.Count > 0)
            {
                // The next page begins with the last nanosecond of this one, as other streams may have entries there as well.
                var last = page.Max(entry => entry.Nanoseconds);
                var fresh = page.Where(entry => entry.Nanoseconds != start || !atStart.Contains((entry.Labels, entry.Line))).ToList();
                foreach (var entry in fresh)
                    StreamOf(streams, entry.Labels).Add(entry);
                if (last != start)
                    atStart.Clear();
                atStart.UnionWith(page.Where(entry => entry.Nanoseconds == last).Select(entry => (entry.Labels, entry.Line)));
                if (page.Count == PageSize && fresh.Count == 0)
                    throw new InvalidDataException($"more than {PageSize} entries share one nanosecond");
                start = last;
            }

            if (page.Count < PageSize)
                return streams.Values;
        }
    }

    public void Dispose() => _http.Dispose();

    private static long Nanoseconds(DateTimeOffset time) => (time - DateTimeOffset.UnixEpoch).Ticks * 100;

    private static StoredStream StreamOf(Dictionary<string, StoredStream> streams, string labels)
    {
        if (!streams.TryGetValue(labels, out var stream))
            streams.Add(labels, stream = new StoredStream(labels));
        return stream;
    }

    private static string Pairs(JsonElement pairs) =>
        string.Join(", ", pairs.EnumerateObject().OrderBy(pair => pair.Name, StringComparer.Ordinal).Select(pair => $"{pair.Name}={pair.Value.GetString()}"));

    private async Task<List<StoredEntry>> PageAsync(string query, long start, long end)
    {
        using var answer = await GetAsync(string.Create(CultureInfo.InvariantCulture,
            $"/loki/api/v1/query_range?query={Uri.EscapeDataString(query)}&start={start}&end={end}&limit={PageSize}&direction=forward"));
        await using var body = await answer.Content.ReadAsStreamAsync();
        using var json = await JsonDocument.ParseAsync(body);
        var page = new List<StoredEntry>();
        foreach (var stream in json.RootElement.GetProperty("data").GetProperty("result").EnumerateArray())
        {
            var labels = Pairs(stream.GetProperty("stream"));
            foreach (var value in stream.GetProperty("values").EnumerateArray())
            {
                var metadata = value.GetArrayLength() > 2 && value[2].TryGetProperty("structuredMetadata", out var pairs) ? Pairs(pairs) : "";
                var nanoseconds = long.Parse(value[0].GetString()!, CultureInfo.InvariantCulture);
                page.Add(new StoredEntry(labels, nanoseconds, value[1].GetString()!, metadata));
            }
        }

        return page;
    }

    private async Task<HttpResponseMessage> GetAsync(string path, CancellationToken cancellation = default)
    {
        var answer = await _http.GetAsync(_base + path, cancellation);
        if (answer.IsSuccessStatusCode)
            return answer;
        using (answer)
            throw new HttpRequestException($"{(int)answer.StatusCode} {(await answer.Content.ReadAsStringAsync(cancellation)).Trim()}", null, answer.StatusCode);
    }
}
