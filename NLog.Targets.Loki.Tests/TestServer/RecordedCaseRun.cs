using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Net.Http;
using System.Text.Json;
using System.Text.RegularExpressions;
using System.Threading;
using System.Threading.Tasks;
using NUnit.Framework;

namespace NLog.Targets.Loki.Tests.TestServer;

/// <summary>
/// Sends recorded cases to one server, each once. Cases that name the same tenant go in the order they were recorded, because
/// what the earlier ones stored is part of what was recorded for the later ones; the others have a tenant of their own.
/// </summary>
internal sealed partial class RecordedCaseRun(HttpClient client) : IDisposable
{
    // The recorder cut longer answers here.
    private const int RecordedLength = 600;

    private readonly long _began = Now();
    private readonly Dictionary<RecordedCase, Outcome> _outcomes = [];
    private readonly SemaphoreSlim _turn = new(1, 1);

    public int CasesRun => _outcomes.Count;

    public async Task CheckAsync(RecordedCase recorded)
    {
        var (answers, stored) = await OutcomeOfAsync(recorded);
        using (Assert.EnterMultipleScope())
        {
            for (var i = 0; i < answers.Count; i++)
            {
                var (status, body) = recorded.Seen[i];
                Assert.That(answers[i].Status, Is.EqualTo(status), $"status of step {i + 1}: {answers[i].Body}");
                if (!IsJsonFault(body))
                {
                    var expected = Timeless(body);
                    var actual = Timeless(answers[i].Body);
                    Assert.That(body.Length == RecordedLength ? actual[..Math.Min(actual.Length, expected.Length)] : actual, Is.EqualTo(expected));
                }
            }

            Assert.That(stored, Is.EquivalentTo(recorded.Stored));
        }
    }

    public void Dispose() => _turn.Dispose();

    [GeneratedRegex(@"(?!0001|1969|1970|2099)\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?(Z| \+0000 UTC)")]
    private static partial Regex Time();

    [GeneratedRegex("case-[0-9a-f]{12}")]
    private static partial Regex CaseTenant();

    private static string Timeless(string text) => CaseTenant().Replace(Time().Replace(text, "<time>"), "<tenant>");

    // These texts quote the payload and the internals of Loki's JSON libraries.
    private static bool IsJsonFault(string text) =>
        text.StartsWith("loghttp.PushRequest", StringComparison.Ordinal) || text.StartsWith("readObjectStart", StringComparison.Ordinal);

    private static long Now() => (DateTime.UtcNow - DateTime.UnixEpoch).Ticks * 100;

    private async Task<Outcome> OutcomeOfAsync(RecordedCase wanted)
    {
        await _turn.WaitAsync();
        try
        {
            foreach (var recorded in RecordedCase.All.TakeWhile(other => other != wanted)
                .Where(other => wanted.NamesTenant && other.NamesTenant && other.Tenant == wanted.Tenant).Append(wanted))
            {
                if (!_outcomes.ContainsKey(recorded))
                {
                    var tenant = recorded.NamesTenant ? recorded.Tenant : "case-" + Guid.NewGuid().ToString("N")[..12];

                    // A server that has seen an earlier run still has that run's entries of the named tenants.
                    var from = recorded.NamesTenant ? _began : Now() - (5 * 3_600_000_000_000);
                    _outcomes.Add(recorded, new(await SendAsync(recorded, tenant), await ReadAsync(tenant, from)));
                }
            }

            return _outcomes[wanted];
        }
        finally
        {
            _turn.Release();
        }
    }

    private async Task<List<(int Status, string Body)>> SendAsync(RecordedCase recorded, string? tenant)
    {
        var start = Now();
        var answers = new List<(int, string)>();
        foreach (var step in recorded.Steps)
        {
            var method = step.TryGetProperty("method", out var name) ? name.GetString()! : "POST";
            var path = step.TryGetProperty("path", out var other) ? other.GetString()! : "/loki/api/v1/push";
            using var request = new HttpRequestMessage(new HttpMethod(method), path);
            request.Content = new ByteArrayContent(RecordedBody.Of(step, start, Now()));
            var type = step.TryGetProperty("protobuf", out _) ? "application/x-protobuf" : "application/json";
            var headers = new Dictionary<string, string> { ["Content-Type"] = type };
            if (step.TryGetProperty("headers", out var own))
            {
                foreach (var header in RecordedCase.Pairs(own))
                {
                    headers[header.Key] = header.Value;
                }
            }

            foreach (var (header, value) in headers.Where(header => header.Value.Length > 0))
            {
                Assert.That(request.Content.Headers.TryAddWithoutValidation(header, value));
            }

            if (tenant is not null)
            {
                request.Headers.TryAddWithoutValidation("X-Scope-OrgID", tenant);
            }

            using var response = await client.SendAsync(request);
            answers.Add(((int)response.StatusCode, await response.Content.ReadAsStringAsync()));
        }

        return answers;
    }

    private async Task<List<string>> ReadAsync(string? tenant, long from)
    {
        const long hour = 3_600_000_000_000;
        var range = string.Create(CultureInfo.InvariantCulture, $"start={from}&end={Now() + hour}");
        using var request = new HttpRequestMessage(
            HttpMethod.Get, $"/loki/api/v1/query_range?query={Uri.EscapeDataString("{service_name=~\".+\"}")}&limit=5000&{range}");
        request.Headers.Add("X-Loki-Response-Encoding-Flags", "categorize-labels");
        request.Headers.TryAddWithoutValidation("X-Scope-OrgID", tenant ?? "");
        using var response = await client.SendAsync(request);
        if (!response.IsSuccessStatusCode)
        {
            // A tenant that cannot push cannot be asked about either.
            return [];
        }

        using var answer = JsonDocument.Parse(await response.Content.ReadAsStringAsync());
        return
        [
            .. answer.RootElement.GetProperty("data").GetProperty("result").EnumerateArray().SelectMany(stream =>
                stream.GetProperty("values").EnumerateArray().Select(value => RecordedCase.Describe(
                    RecordedCase.Pairs(stream.GetProperty("stream")),
                    value[1].GetString()!,
                    value[2].TryGetProperty("structuredMetadata", out var metadata) ? RecordedCase.Pairs(metadata) : []))),
        ];
    }

    /// <summary>What the server answered to the steps of a case, and what it had stored for the tenant afterwards.</summary>
    private sealed record Outcome(IReadOnlyList<(int Status, string Body)> Answers, IReadOnlyList<string> Stored);
}
