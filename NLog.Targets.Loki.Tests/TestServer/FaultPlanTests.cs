using System;
using System.Collections.Generic;
using System.Linq;
using System.Net.Http;
using System.Threading.Tasks;
using NLog.Targets.Loki.Testing;
using NLog.Targets.Loki.Tests.Support;
using NUnit.Framework;

namespace NLog.Targets.Loki.Tests.TestServer;

/// <summary>Which push meets which fault.</summary>
public sealed class FaultPlanTests : ServerTests
{
    private readonly HttpClient _client = new();

    protected override LokiTestServerOptions Options => new() { AuthEnabled = true };

    [OneTimeTearDown]
    public void DisposeClient() => _client.Dispose();

    [Test]
    public async Task Faults_are_met_in_the_order_they_were_planned_and_as_often()
    {
        Server.Faults.Respond(2, 500);
        Server.Faults.Add(new LokiFault { Status = 413, RequestBytes = 0 });
        Server.Faults.StoreThenFail(1, 503);
        Assert.That(Server.Faults.Planned, Is.EqualTo(4));
        Assert.That(await StatusesAsync(6), Is.EqualTo(new[] { 500, 500, 413, 503, 204, 204 }));
        Assert.That((Server.Faults.Planned, Server.Faults.Fired), Is.EqualTo((0, 4)));
        Assert.That(Server.EntryCount, Is.EqualTo(3));
    }

    [Test]
    public async Task A_fault_for_ever_ends_with_Clear()
    {
        Server.Faults.Add(new LokiFault { Status = 503 }, LokiFaults.Always);
        Assert.That(await StatusesAsync(20), Is.All.EqualTo(503));
        Assert.That(Server.Faults.Planned, Is.Zero);
        Server.Faults.Clear();
        Assert.That(await StatusesAsync(1), Is.EqualTo(new[] { 204 }));
        Assert.That(Server.Faults.Fired, Is.EqualTo(20));
    }

    [Test]
    public async Task A_fault_for_one_tenant_leaves_the_others_alone()
    {
        Server.Faults.Add(new LokiFault { Status = 429 }, LokiFaults.Always, push => push.Tenant == "a");
        Server.Faults.Add(new LokiFault { Status = 413, RequestBytes = 0 }, 1, push => push.Tenant == "b");
        Server.Faults.Respond(1, 500);
        Assert.That(await StatusAsync("a"), Is.EqualTo(429));
        Assert.That(await StatusAsync("b"), Is.EqualTo(413));
        Assert.That(await StatusAsync("b"), Is.EqualTo(500));
        Assert.That(await StatusAsync("b"), Is.EqualTo(204));
        Assert.That(await StatusAsync("a"), Is.EqualTo(429));
        Assert.That(Server.Pushes.Select(push => push.Fault?.Status), Is.EqualTo(new int?[] { 429, 413, 500, null, 429 }));
    }

    [Test]
    public async Task A_fault_for_one_stream_leaves_the_others_alone()
    {
        var seen = new List<IncomingPush>();
        Server.Faults.Add(new LokiFault { Status = 429 }, when: push =>
        {
            seen.Add(push);
            return push.Streams.Any(labels => labels["app"] == "shop");
        });
        Assert.That(await StatusAsync("a", app: "bank"), Is.EqualTo(204));
        Assert.That(await StatusAsync("a", app: "shop"), Is.EqualTo(429));
        Assert.That(await StatusAsync("a", app: "shop"), Is.EqualTo(204));
        Assert.That(seen, Has.Count.EqualTo(2), "a fault that is used up is not asked any more");
        Assert.That(seen[0].Headers["content-type"], Does.StartWith("application/json"));
    }

    [Test]
    public async Task Every_push_at_once_meets_a_fault_of_its_own()
    {
        Server.Faults.Respond(10, 500);
        Server.Faults.Respond(10, 503);
        var statuses = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => StatusAsync("a")));
        Assert.That(statuses.CountBy(status => status), Is.EquivalentTo(new KeyValuePair<int, int>[] { new(500, 10), new(503, 10), new(204, 30) }));
        Assert.That(Server.Faults.Fired, Is.EqualTo(20));
    }

    [Test]
    public async Task A_condition_that_throws_is_answered_and_recorded_with_its_text()
    {
        Server.Faults.Add(new LokiFault { Status = 503 }, when: push => push.Headers["X-Missing"].Length > 0);
        Assert.That(await StatusAsync("a"), Is.EqualTo(500));
        Assert.That(Server.Pushes.Single().Answer, Does.Contain("X-Missing"));
        Assert.That((Server.Faults.Planned, Server.Faults.Fired, Server.EntryCount), Is.EqualTo((1, 0, 0)));
    }

    [Test]
    public void Nonsense_is_refused_where_it_is_planned()
    {
        Assert.Multiple(() =>
        {
            Refused(() => Server.Faults.Respond(-1, 500));
            Refused(() => Server.Faults.Add(new LokiFault { AnswerBytes = -1 }));
            Refused(() => Server.Faults.Add(new LokiFault { RequestBytes = -1 }));
            Refused(() => Server.Faults.Add(new LokiFault { AnswerBytesPerSecond = -1 }));
            Refused(() => Server.Faults.Add(new LokiFault { RequestBytesPerSecond = -1 }));
            Refused(() => Server.Faults.Add(new LokiFault { BodyLength = -1 }));
            Refused(() => Server.Faults.Add(new LokiFault { Delay = TimeSpan.FromSeconds(-1) }));
        });
        Assert.That(Server.Faults.Planned, Is.Zero);
    }

    private static void Refused(Action plan) => Assert.That(plan, Throws.InstanceOf<ArgumentOutOfRangeException>());

    private Task<int> StatusAsync(string tenant, string app = "plain") => PlainPush.StatusAsync(_client, Server.Url, app, tenant);

    private async Task<int[]> StatusesAsync(int count)
    {
        var statuses = new int[count];
        for (var i = 0; i < count; i++)
            statuses[i] = await StatusAsync("a");
        return statuses;
    }
}
