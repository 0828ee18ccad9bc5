using System.Linq;
using System.Net.Http;
using System.Threading.Tasks;
using NUnit.Framework;

namespace NLog.Targets.Loki.Tests.TestServer;

/// <summary>Stops and restarts of the test server.</summary>
[TestFixture]
public sealed class ServerLifeCycleTests : PushTests
{
    [Test]
    public async Task A_stopped_server_refuses_connections_and_returns_with_its_store_at_the_same_address()
    {
        var url = Server.Url;
        await Client.JsonAsync(PushClient.Lines("before"));
        await Server.StopAsync();
        await Server.StopAsync();
        Assert.That(Server.IsListening, Is.False);
        await Assert.ThatAsync(() => Client.JsonAsync(PushClient.Lines("during")), Throws.InstanceOf<HttpRequestException>());

        await Server.RestartAsync();
        await Server.RestartAsync();
        Assert.That(Server.IsListening, Is.True);
        Assert.That(Server.Url, Is.EqualTo(url));
        Assert.That((await Client.JsonAsync(PushClient.Lines("after"))).Status, Is.EqualTo(204));
        Assert.That(Server.Entries.Select(entry => entry.Line), Is.EqualTo(new[] { "before", "after" }));
    }

    [Test]
    public async Task A_push_that_waits_for_its_answer_is_broken_by_a_stop()
    {
        Server.Faults.Hang(true);
        var push = Client.JsonAsync(PushClient.Lines("x"));
        await Server.StopAsync();
        await Assert.ThatAsync(() => push, Throws.InstanceOf<HttpRequestException>());
        Assert.That(Server.EntryCount, Is.Zero);
    }

    [Test]
    public async Task A_cleared_server_has_forgotten_streams_and_pushes()
    {
        await Client.JsonAsync(PushClient.Lines("x"));
        Server.Clear();
        Assert.That(Server.Entries, Is.Empty);
        Assert.That(Server.Pushes, Is.Empty);
        Assert.That((await Client.GetAsync("/loki/api/v1/series")).Body, Is.EqualTo("{\"status\":\"success\",\"data\":[]}\n"));
    }
}
