using System;
using System.Linq;
using System.Threading.Tasks;
using NLog.Targets.Loki.Testing;
using NUnit.Framework;

namespace NLog.Targets.Loki.Tests.Support;

/// <summary>
/// The server of each whole-path test. The same tests run against the test server and, where LOKI_URL names one, against a real
/// Loki, which must then answer each push alike and hold the same entries in the end.
/// </summary>
[TestFixture(ServedBy.TestServer)]
[TestFixture(ServedBy.RealLoki)]
public abstract class EndToEndTests(ServedBy servedBy)
{
    private string _tenant = "";

    /// <summary>The limits of the test server; a real Loki has its own.</summary>
    protected virtual LokiLimits Limits => new();

    protected LokiTestServer Server { get; private set; } = null!;

    [OneTimeSetUp]
    public void SayWhyNot()
    {
        if (servedBy == ServedBy.RealLoki && RealLoki.Url is null)
            Assert.Ignore(RealLoki.WhyNot);
    }

    [SetUp]
    public async Task StartServer()
    {
        _tenant = "test-" + Guid.NewGuid().ToString("N");
        Server = await LokiTestServer.StartAsync(servedBy == ServedBy.RealLoki ? await RealLoki.OptionsAsync(_tenant) : new() { Limits = Limits });
    }

    [TearDown]
    public async Task CompareAndStopServer()
    {
        await using var server = Server;
        if (servedBy == ServedBy.TestServer)
            return;
        var differing = server.Pushes.Where(push => push.Fault is null && push.JudgedStatus != 0 && push.Status != push.JudgedStatus)
            .Select(push => $"{push.Status} instead of {push.JudgedStatus}: {push.Answer}");
        Assert.That(differing, Is.Empty, "the real Loki answers as the test server does");
        await server.RestartAsync();
        var expected = await ReadBack.AllAsync(server.Url, "", server.Entries);
        var held = await ReadBack.AllAsync(RealLoki.Url!, _tenant, server.Entries);
        if (RealLoki.HasOneTenant)
            held = [.. held.Where(expected.ToHashSet().Contains)];
        Assert.That(held, Is.EqualTo(expected), "the real Loki holds what the test server holds");
        TestContext.Out.WriteLine($"The real Loki holds the same {expected.Count} entries{(RealLoki.HasOneTenant ? ", and perhaps others, as it has one tenant for all" : "")}.");
    }

    /// <summary>Skips a test that a smaller limit than Loki's default would turn into one of that limit.</summary>
    protected static void Need(bool enough, string what)
    {
        if (!enough)
            Assert.Ignore($"The Loki of LOKI_URL is configured too small for this test, which needs {what}.");
    }
}
