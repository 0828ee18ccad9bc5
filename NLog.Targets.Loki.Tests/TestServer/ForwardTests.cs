using System.Linq;
using System.Threading.Tasks;
using NLog.Targets.Loki.Testing;
using NLog.Targets.Loki.Tests.Support;
using NUnit.Framework;

namespace NLog.Targets.Loki.Tests.TestServer;

/// <summary>A test server in front of another Loki, here a second test server.</summary>
[TestFixture]
public sealed class ForwardTests : ServerTests
{
    [Test]
    public async Task A_push_goes_on_under_its_backfill_shard()
    {
        await using var front = await LokiTestServer.StartAsync(new LokiTestServerOptions { ForwardTo = Server.Url });
        using var client = new PushClient(front.Url);
        Assert.That((await client.JsonAsync(PushClient.Lines("x"), headers: ("X-Loki-Backfill-Shard", "w1"))).Status, Is.EqualTo(204));
        Assert.That(Server.Entries.Single().Labels["__backfill_shard__"], Is.EqualTo("w1"));
        Assert.That(front.Entries, Is.EqualTo(Server.Entries));
    }

    [Test]
    public async Task A_push_without_a_tenant_goes_no_further()
    {
        await using var front = await LokiTestServer.StartAsync(new LokiTestServerOptions { AuthEnabled = true, ForwardTo = Server.Url });
        using var client = new PushClient(front.Url);
        Assert.That(await client.JsonAsync(PushClient.Lines("x")), Is.EqualTo(new PushAnswer(401, "no org id\n")));
        Assert.That(Server.PushCount, Is.Zero);
    }

    [Test]
    public async Task A_Loki_that_is_gone_is_a_502()
    {
        await Server.StopAsync();
        await using var front = await LokiTestServer.StartAsync(new LokiTestServerOptions { ForwardTo = Server.Url });
        using var client = new PushClient(front.Url);
        Assert.That((await client.JsonAsync(PushClient.Lines("x"))).Status, Is.EqualTo(502));
    }
}
