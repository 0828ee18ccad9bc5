using System;
using System.Net.Http;
using System.Net.Http.Headers;
using System.Threading.Tasks;
using NLog.Targets.Loki.Tests.Support;
using NUnit.Framework;

namespace NLog.Targets.Loki.Tests.TestServer;

/// <summary>
/// The recorded cases against the Loki that <c>LOKI_URL</c> names, to see whether they still hold for its version. It may have
/// seen earlier runs of these cases: the names of their streams are the same in each run, and only entries of this run are read.
/// </summary>
[TestFixture]
public sealed class RealLokiTests : RecordedCases
{
    private const string Needed = "Start a Loki with the files TestServer/loki.yaml and TestServer/overrides.yaml, in their folder: loki -config.file=loki.yaml";

    protected override async Task<Uri> StartAsync()
    {
        if (RealLoki.Url is not { } server)
        {
            Assert.Ignore($"{RealLoki.WhyNot} {Needed}.");
            throw new InvalidOperationException();
        }

        using var client = new HttpClient { BaseAddress = server, Timeout = TimeSpan.FromSeconds(20) };

        // Both pushes are refused by a server that is configured so, and leave nothing behind.
        var line = await AskAsync(client, "probe", new string('x', 4097));
        var label = await AskAsync(client, "enforced", "x");
        if (!line.Contains("max entry size '4096' bytes exceeded", StringComparison.Ordinal) || !label.Contains("missing required labels 'env'", StringComparison.Ordinal))
        {
            Assert.Ignore($"The server at {server} does not have the configuration of the recorded cases; to a line of 4097 bytes it answered \"{line}\", to tenant enforced \"{label}\". {Needed}.");
        }

        return server;
    }

    protected override Task StopAsync() => Task.CompletedTask;

    private static async Task<string> AskAsync(HttpClient client, string tenant, string line)
    {
        var now = (DateTime.UtcNow - DateTime.UnixEpoch).Ticks * 100;
        using var request = new HttpRequestMessage(HttpMethod.Post, "/loki/api/v1/push");
        request.Content = new StringContent(
            $$"""{"streams":[{"stream":{"service_name":"probe"},"values":[["{{now}}","{{line}}"]]}]}""", new MediaTypeHeaderValue("application/json"));
        request.Headers.Add("X-Scope-OrgID", tenant);
        try
        {
            using var response = await client.SendAsync(request);
            return $"{(int)response.StatusCode} {await response.Content.ReadAsStringAsync()}";
        }
        catch (Exception fault) when (fault is HttpRequestException or TaskCanceledException)
        {
            return fault.Message;
        }
    }
}
