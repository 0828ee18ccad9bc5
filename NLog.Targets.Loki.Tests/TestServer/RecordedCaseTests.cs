using System;
using System.IO;
using System.Threading.Tasks;
using NLog.Targets.Loki.Testing;
using NUnit.Framework;

namespace NLog.Targets.Loki.Tests.TestServer;

/// <summary>The test server against what a real Loki answered and stored; see <see cref="RecordedCase"/> for the origin.</summary>
[TestFixture]
public sealed class RecordedCaseTests : RecordedCases
{
    private LokiTestServer? _server;

    protected override async Task<Uri> StartAsync()
    {
        _server = await LokiTestServer.StartAsync(LokiTestServerOptions.FromYaml(
            File.ReadAllText(RecordedCase.PathOf("loki.yaml")), File.ReadAllText(RecordedCase.PathOf("overrides.yaml"))));
        return _server.Url;
    }

    protected override async Task StopAsync()
    {
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }
    }
}
