using NLog.Targets.Loki.Tests.Support;
using NUnit.Framework;

namespace NLog.Targets.Loki.Tests.TestServer;

/// <summary>A client beside the server of each test.</summary>
public abstract class PushTests : ServerTests
{
    private protected PushClient Client { get; private set; } = null!;

    [SetUp]
    public void Connect() => Client = new PushClient(Server.Url);

    [TearDown]
    public void Disconnect() => Client.Dispose();
}
