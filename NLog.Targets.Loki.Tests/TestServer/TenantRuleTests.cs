using System.Collections.Generic;
using System.Linq;
using System.Threading.Tasks;
using NLog.Targets.Loki.Testing;
using NUnit.Framework;

namespace NLog.Targets.Loki.Tests.TestServer;

/// <summary>Tenants (contract 7) and what the router decides before them (contract 1.1).</summary>
[TestFixture]
public sealed class TenantRuleTests : PushTests
{
    protected override LokiTestServerOptions Options => new() { AuthEnabled = true };

    private static IEnumerable<TestCaseData> Tenants()
    {
        yield return new TestCaseData(null, 401, "no org id");
        yield return new TestCaseData("", 401, "no org id");
        yield return new TestCaseData("a", 204, "a");
        yield return new TestCaseData(new string('t', 150), 204, new string('t', 150)).SetName("{m}(150)");
        yield return new TestCaseData(new string('t', 151), 400, "tenant ID is too long: max 150 characters").SetName("{m}(151)");
        yield return new TestCaseData("a|a", 204, "a");
        yield return new TestCaseData("a|a:k=v", 204, "a");
        yield return new TestCaseData("a|b", 400, "multiple org IDs present");
        yield return new TestCaseData("a|b/c", 400, "multiple org IDs present");
        yield return new TestCaseData("a/b|a", 400, "tenant ID 'a/b' contains unsupported character '/'");
        yield return new TestCaseData("a:product=k6", 204, "a");
        yield return new TestCaseData("a b", 400, "tenant ID 'a b' contains unsupported character ' '");
        yield return new TestCaseData(".", 400, "tenant ID is '.' or '..'");
        yield return new TestCaseData("...", 204, "...");
    }

    [TestCaseSource(nameof(Tenants))]
    public async Task The_tenant_is_judged_and_stored(string? tenant, int status, string text)
    {
        var answer = await Client.JsonAsync(PushClient.Lines("x"), tenant);
        Assert.That(answer, Is.EqualTo(new PushAnswer(status, status == 204 ? "" : text + "\n")));
        Assert.That(Server.Entries.Select(entry => entry.Tenant), Is.EqualTo(status == 204 ? new[] { text } : []));
    }

    [Test]
    public async Task Without_authentication_the_header_is_ignored()
    {
        await using var server = await LokiTestServer.StartAsync(new LokiTestServerOptions { NoAuthTenant = "all" });
        using var client = new PushClient(server.Url);
        Assert.That((await client.JsonAsync(PushClient.Lines("x"), "a/b")).Status, Is.EqualTo(204));
        Assert.That(server.Entries.Single().Tenant, Is.EqualTo("all"));
    }

    // Contract 1.1: method and path come before the tenant, so none of these is a 401.
    [TestCase("GET", "/loki/api/v1/push", 405, "")]
    [TestCase("DELETE", "/api/prom/push", 405, "")]
    [TestCase("POST", "/loki/api/v1/push/", 404, "404 page not found\n")]
    [TestCase("POST", "/api/prom/push/", 404, "404 page not found\n")]
    [TestCase("POST", "/nothing", 404, "404 page not found\n")]
    [TestCase("GET", "/ready", 200, "ready\n")]
    public async Task The_router_decides_first(string method, string path, int status, string body) =>
        Assert.That(await Client.GetAsync(path, method: new(method)), Is.EqualTo(new PushAnswer(status, body)));
}
