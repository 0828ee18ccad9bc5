using System.Threading.Tasks;
using NLog.Targets.Loki.Testing;
using NUnit.Framework;

namespace NLog.Targets.Loki.Tests.Support;

/// <summary>The server that each test of a class has for itself.</summary>
public abstract class ServerTests
{
    /// <summary>The options of the server; Loki's defaults unless a class says otherwise.</summary>
    protected virtual LokiTestServerOptions Options => new();

    protected LokiTestServer Server { get; private set; } = null!;

    [SetUp]
    public async Task StartServer() => Server = await LokiTestServer.StartAsync(Options);

    [TearDown]
    public async Task StopServer() => await Server.DisposeAsync();
}
