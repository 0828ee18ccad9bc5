using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Net.Http;
using System.Text.Json;
using System.Text.RegularExpressions;
using System.Threading.Tasks;
using NLog.Targets.Loki.Testing;
using NUnit.Framework;

namespace NLog.Targets.Loki.Tests.TestServer;

/// <summary>The test server against what a real Loki answered and stored; see <see cref="RecordedCase"/> for the origin.</summary>
[TestFixture]
public sealed partial class RecordedCaseTests
{
    // The recorder cut longer answers here.
    private const int RecordedLength = 600;

    private static readonly LokiLimits Limits = new()
    {
        RejectOldSamplesMaxAge = TimeSpan.FromHours(3),
        CreationGracePeriod = TimeSpan.FromMinutes(1),
        MaxLineSize = 4096,
        MaxLabelNamesPerSeries = 5,
        MaxLabelNameLength = 32,
        MaxLabelValueLength = 64,
        MaxStructuredMetadataSize = 512,
        MaxStructuredMetadataEntriesCount = 4,
        OutOfOrderWindow = TimeSpan.FromMinutes(10),
    };

    private static readonly DateTimeOffset Year2099 = new(2099, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private static IEnumerable<TestCaseData> JsonCases =>
        RecordedCase.All.Where(recorded => !recorded.UsesProtobuf).Select(recorded => new TestCaseData(recorded).SetName($"{{m}}({recorded.Name})"));

    [TestCaseSource(nameof(JsonCases))]
    public async Task AnswersAndStoresAsRecorded(RecordedCase recorded)
    {
        await using var server = await LokiTestServer.StartAsync(Configuration());
        using var client = new HttpClient { BaseAddress = server.Url };

        // What earlier cases stored for the same tenant is part of what was recorded.
        foreach (var earlier in RecordedCase.All.TakeWhile(other => other != recorded)
            .Where(other => recorded.NamesTenant && other.NamesTenant && other.Tenant == recorded.Tenant && !other.UsesProtobuf))
        {
            await SendAsync(client, earlier, recorded.Tenant);
        }

        var tenant = recorded.NamesTenant ? recorded.Tenant : "case-" + Guid.NewGuid().ToString("N")[..12];
        var answers = await SendAsync(client, recorded, tenant);
        var stored = await ReadAsync(client, tenant);

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

    [Test]
    public void MostCasesAreJson()
    {
        var protobuf = RecordedCase.All.Count(recorded => recorded.UsesProtobuf);
        TestContext.Out.WriteLine($"{RecordedCase.All.Count} recorded cases, of which {protobuf} use protobuf and are skipped.");
        Assert.That(RecordedCase.All, Has.Count.EqualTo(105));
        Assert.That(protobuf, Is.EqualTo(9));
    }

    [GeneratedRegex(@"(?!1969|1970|2099)\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?(Z| \+0000 UTC)")]
    private static partial Regex Time();

    [GeneratedRegex("case-[0-9a-f]{12}")]
    private static partial Regex CaseTenant();

    private static string Timeless(string text) => CaseTenant().Replace(Time().Replace(text, "<time>"), "<tenant>");

    // These texts quote the payload and the internals of Loki's JSON libraries.
    private static bool IsJsonFault(string text) =>
        text.StartsWith("loghttp.PushRequest", StringComparison.Ordinal) || text.StartsWith("readObjectStart", StringComparison.Ordinal);

    // loki.yaml and overrides.yaml.
    private static LokiTestServerOptions Configuration() => new()
    {
        AuthEnabled = true,
        MaxReceivedSize = 262144,
        MaxDecompressedSize = 1048576,
        Limits = Limits,
        TenantLimits = new Dictionary<string, LokiLimits>
        {
            ["rate"] = Limits with { IngestionRate = 0.01 * 1024 * 1024, IngestionBurst = 0.02 * 1024 * 1024 },
            ["streamrate"] = Limits with { PerStreamRateLimit = 1024, PerStreamRateLimitBurst = 2048 },
            ["entryrate"] = Limits with { PerStreamRateLimit = 1024, PerStreamRateLimitBurst = 2048, ShardStreamsEnabled = false },
            ["streams"] = Limits with { MaxGlobalStreamsPerUser = 3 },
            ["streamlimit"] = Limits with { MaxGlobalStreamsPerUser = 3 },
            ["streammask"] = Limits with { MaxGlobalStreamsPerUser = 3 },
            ["nosm"] = Limits with { AllowStructuredMetadata = false },
            ["enforced"] = Limits with { EnforcedLabels = ["env"] },
            ["nodiscover"] = Limits with { DiscoverServiceName = [], DiscoverLogLevels = false },
            ["truncate"] = Limits with { MaxLineSize = 64, MaxLineSizeTruncate = true, MaxLineSizeTruncateIdentifier = "[cut]" },
            ["increment"] = Limits with { IncrementDuplicateTimestamp = true },
            ["blocked"] = Limits with { BlockIngestionUntil = Year2099 },
            ["blocked456"] = Limits with { BlockIngestionUntil = Year2099, BlockIngestionStatusCode = 456 },
            ["blocked200"] = Limits with { BlockIngestionUntil = Year2099, BlockIngestionStatusCode = 200 },
        },
    };

    private static long Now() => (DateTime.UtcNow - DateTime.UnixEpoch).Ticks * 100;

    private static async Task<List<(int Status, string Body)>> SendAsync(HttpClient client, RecordedCase recorded, string? tenant)
    {
        var start = Now();
        var answers = new List<(int, string)>();
        foreach (var step in recorded.Steps)
        {
            var method = step.TryGetProperty("method", out var name) ? name.GetString()! : "POST";
            var path = step.TryGetProperty("path", out var other) ? other.GetString()! : "/loki/api/v1/push";
            using var request = new HttpRequestMessage(new HttpMethod(method), path);
            request.Content = new ByteArrayContent(RecordedBody.Of(step, start, Now()));
            var headers = new Dictionary<string, string> { ["Content-Type"] = "application/json" };
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

    private static async Task<List<string>> ReadAsync(HttpClient client, string? tenant)
    {
        const long hour = 3_600_000_000_000;
        var range = string.Create(CultureInfo.InvariantCulture, $"start={Now() - (5 * hour)}&end={Now() + hour}");
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
}
