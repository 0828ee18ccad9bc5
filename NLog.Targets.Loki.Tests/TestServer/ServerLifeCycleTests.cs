using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Linq;
using System.Net.Http;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using System.Threading.Tasks;
using NLog.Targets.Loki.Testing;
using NLog.Targets.Loki.Tests.Support;
using NUnit.Framework;

namespace NLog.Targets.Loki.Tests.TestServer;

public sealed class ServerLifeCycleTests : ServerTests
{
    private static IEnumerable<TestCaseData> Waiting()
    {
        yield return Case("Stall", new LokiFault { AnswerBytes = 5, Ending = LokiFaultEnding.Stall });
        yield return Case("Stall before reading", new LokiFault { RequestBytes = 0, AnswerBytes = 0, Ending = LokiFaultEnding.Stall });
        yield return Case("Drip", new LokiFault { AnswerBytesPerSecond = 1 });
        yield return Case("Delay", new LokiFault { Delay = TimeSpan.FromHours(1) });
        yield return Case("Endless", new LokiFault { Status = 500, BodyLength = LokiFault.Endless });
        yield return Case("Endless drip", new LokiFault { Status = 500, BodyLength = LokiFault.Endless, AnswerBytesPerSecond = 100_000 });
        yield return Case("Slow reading", new LokiFault { RequestBytesPerSecond = 1 });
        static TestCaseData Case(string name, LokiFault fault) => new TestCaseData(fault).SetName($"{{m}}({name})");
    }

    [TestCaseSource(nameof(Waiting))]
    public async Task A_server_whose_faults_take_for_ever_stops_at_once_and_keeps_no_connection(LokiFault fault)
    {
        const int Count = 20;
        Server.Faults.Add(fault, LokiFaults.Always);
        var connections = new List<RawConnection>();
        for (var i = 0; i < Count; i++)
        {
            connections.Add(await RawConnection.ToAsync(Server.Url));
            await connections[^1].PushAsync();
        }

        await Wait.UntilAsync(() => Server.Faults.Fired == Count, "every push has met its fault");
        await AssertStopsAsync();
        foreach (var connection in connections)
        {
            await connection.ReadToEndAsync();
            connection.Dispose();
        }

        await Server.RestartAsync();
        Server.Faults.Clear();
        using var client = new HttpClient();
        Assert.That(await PlainPush.StatusAsync(client, Server.Url), Is.EqualTo(204));
    }

    [Test]
    public async Task Entries_are_awaited_until_their_push_is_noted()
    {
        using var client = new PushClient(Server.Url);
        for (var count = 1; count <= 100; count++)
        {
            var push = client.JsonAsync(PushClient.Lines("x"));
            await Server.WaitForEntriesAsync(count, TimeSpan.FromSeconds(10));
            Assert.That(Server.PushCount, Is.EqualTo(count));
            await push;
        }
    }

    [Test]
    public async Task A_server_that_hangs_stops_at_once_and_answers_nothing_afterwards()
    {
        Server.Faults.Hang(true);
        using var connection = await RawConnection.ToAsync(Server.Url);
        await connection.PushAsync();
        await AssertStopsAsync();
        Assert.That(await connection.ReadToEndAsync(), Is.Empty);
    }

    [Test]
    public async Task A_stopped_server_refuses_connections_and_a_restarted_one_goes_on_with_what_it_had()
    {
        var url = Server.Url;
        using var client = new HttpClient();
        for (var round = 0; round < 5; round++)
        {
            Assert.That(await PlainPush.StatusAsync(client, url), Is.EqualTo(204));
            await Server.StopAsync();
            Assert.That(Server.IsListening, Is.False);
            var refused = await Assert.ThrowsAsync<HttpRequestException>(() => PlainPush.StatusAsync(client, url));
            Assert.That((refused?.InnerException as SocketException)?.SocketErrorCode, Is.EqualTo(SocketError.ConnectionRefused));
            await Server.RestartAsync();
            Assert.That((Server.IsListening, Server.Url), Is.EqualTo((true, url)));
            Assert.That(Server.EntryCount, Is.EqualTo(round + 1));
        }

        Assert.That(Server.PushCount, Is.EqualTo(5));
    }

    [Test]
    public async Task Faults_planned_while_the_server_is_down_wait_for_its_return()
    {
        await Server.StopAsync();
        Server.Faults.Respond(1, 503);
        await Server.RestartAsync();
        using var client = new HttpClient();
        Assert.That(await PlainPush.StatusAsync(client, Server.Url), Is.EqualTo(503));
    }

    [Test]
    public async Task Stop_and_Restart_twice_do_no_more_than_once()
    {
        Server.Stop();
        Server.Stop();
        Server.Restart();
        Server.Restart();
        using var client = new HttpClient();
        Assert.That(await PlainPush.StatusAsync(client, Server.Url), Is.EqualTo(204));
    }

    [Test]
    public async Task The_port_can_be_chosen_and_is_free_after_the_end()
    {
        var port = Server.Url.Port;
        await Server.DisposeAsync();
        await using var other = await LokiTestServer.StartAsync(new LokiTestServerOptions { Port = port });
        Assert.That(other.Url, Is.EqualTo(Server.Url));
        await Assert.ThatAsync(() => LokiTestServer.StartAsync(new LokiTestServerOptions { Port = port }), Throws.InstanceOf<System.IO.IOException>());
    }

    private async Task AssertStopsAsync()
    {
        var watch = Stopwatch.StartNew();
        await Server.StopAsync();
        Assert.That(watch.Elapsed.TotalSeconds, Is.LessThan(5));
        var kept = IPGlobalProperties.GetIPGlobalProperties().GetActiveTcpConnections()
            .Where(connection => connection.LocalEndPoint.Port == Server.Url.Port && connection.State is (TcpState.Established or TcpState.CloseWait));
        Assert.That(kept, Is.Empty);
    }
}
