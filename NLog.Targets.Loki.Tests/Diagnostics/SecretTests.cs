using System;
using System.IO;
using System.Linq;
using System.Threading.Tasks;
using NLog.Targets.Loki.Testing;
using NLog.Targets.Loki.Tests.Support;
using NUnit.Framework;

namespace NLog.Targets.Loki.Tests.Diagnostics;

[NonParallelizable]
public sealed class SecretTests
{
    private const string Header = "<header name=\"X-Key\" layout=\"canary-header\" />";

    [Category("R1")]
    [Category("R22")]
    [Category("H18")]
    [Category("R17")]
    [TestCase("bearerToken=\"canary-token\"")]
    [TestCase("bearerToken=\"Canary ${literal:text=canary-token}\"")]
    [TestCase("bearerToken=\"${environment:LOKI_TESTS_CANARY}\"")]
    [TestCase("bearerToken=\"prefix${environment:LOKI_TESTS_NOTHING:default=canary-token}\"")]
    [TestCase("bearerToken=\"${gdc:LOKI_TESTS_CANARY}\"")]
    [TestCase("username=\"user\" password=\"canary-token\"")]
    [TestCase("username=\"canary-user\" password=\"${environment:LOKI_TESTS_CANARY}\"")]
    [TestCase("proxyUrl=\"http://localhost:9\" proxyUser=\"user\" proxyPassword=\"canary-token\"")]
    [TestCase("proxyUrl=\"http://localhost:9\" proxyUser=\"canary-user\" proxyPassword=\"${environment:LOKI_TESTS_CANARY}\"")]
    public async Task A_secret_and_a_line_are_nowhere_in_the_internal_log_at_trace(string attributes)
    {
        await using var server = await LokiTestServer.StartAsync();
        await AssertSilentAsync(server, attributes, server.Url.ToString());
    }

    [Category("R1")]
    [TestCase(false)]
    [TestCase(true)]
    public async Task A_header_set_in_code_is_sent_and_nowhere_in_the_internal_log_at_trace(bool asValue)
    {
        await using var server = await LokiTestServer.StartAsync();
        using var said = new InternalLogLines(LogLevel.Trace);
        using (var logging = Logging.With(Target("canary-header")))
        {
            logging.Logger().Info("canary-line");
            Assert.That(await logging.FlushAsync(), Is.Null);
            logging.Reload(Target("canary-other"));
            logging.Logger().Info("canary-line");
            Assert.That(await logging.FlushAsync(), Is.Null);
            AssertSilent(logging.Factory, logging.Target);
            Ledgers.AssertBalance(logging.Statistics, 2, 2);
        }

        Assert.That(server.Pushes.Select(push => push.Headers["X-Key"]), Is.EqualTo(new[] { "canary-header", "canary-other" }));
        Assert.That(said.ToString(), Does.Contain("pushes to"), "the log was on");
        Assert.That(Lines(said.ToString()), Is.Empty);

        LokiTarget Target(string secret) => new()
        {
            Name = "loki",
            Endpoint = server.Url.ToString(),
            TaskDelayMilliseconds = 20,
            Headers = { asValue ? new LokiHeader { Name = "X-Key", Value = secret } : new LokiHeader("X-Key", secret) },
        };
    }

    [Category("R1")]
    [Category("R5")]
    [Test]
    public async Task The_user_info_of_the_endpoint_is_nowhere_in_the_internal_log_at_trace()
    {
        await using var server = await LokiTestServer.StartAsync();
        await AssertSilentAsync(server, "", new UriBuilder(server.Url) { UserName = "user", Password = "canary-token" }.Uri.ToString());
    }

    // A value in each of these is wrong in its own way; what is wrong is said, what was written is not.
    [Category("R1")]
    [TestCase("bearerToken=\"canary-token&#13;&#10;\" tenant=\"canary/tenant\"", "tenant")]
    [TestCase("bearerToken=\"canary&#10;token\"", "bearerToken")]
    [TestCase("bearerToken=\"canary-${nonsense}\"", "bearerToken")]
    [TestCase("bearerToken=\"canary-${level}\"", "bearerToken")]
    [TestCase("bearerToken=\"${trim-whitespace:${environment:LOKI_TESTS_CANARY}}\"", "bearerToken")]
    [TestCase("bearerToken=\"canary-token\" username=\"canary-user\" password=\"canary-password\"", "bearerToken")]
    [TestCase("password=\"canary-password\"", "password")]
    [TestCase("username=\"user\" password=\"canary-${nonsense}\"", "password")]
    [TestCase("proxyUrl=\"canary-proxy\" proxyUser=\"user\" proxyPassword=\"canary-password\"", "proxyUrl")]
    [TestCase("endpoint=\"ftp://user:canary-password@host\"", "endpoint")]
    [TestCase("endpoint=\"http://user:canary-password@host/?canary=1\"", "endpoint")]
    [TestCase("endpoint=\"canary:canary\"", "endpoint")]
    public void A_wrong_value_is_named_by_its_setting_only(string attributes, string setting)
    {
        if (!attributes.Contains("endpoint", StringComparison.Ordinal))
            attributes = "endpoint=\"http://localhost:1\" " + attributes;
        var xml = $"<target type=\"Loki\" name=\"loki\" {attributes}>{Header}</target>";
        var said = Listen(said =>
        {
            using var strict = new LogFactory { ThrowConfigExceptions = true };
            var error = Assert.Catch(() => strict.Configuration = Logging.Parse(xml, strict));
            Assert.That(error!.ToString(), Does.Contain(setting).And.Not.Contain("canary"));
            using var factory = new LogFactory { ThrowConfigExceptions = false };
            factory.Configuration = Logging.Parse(xml, factory);
            factory.GetLogger("test").Info("canary-line");
            var target = factory.Configuration!.AllTargets.OfType<LokiTarget>().Single();
            AssertSilent(factory, target);
            Ledgers.AssertBalance(target.Statistics, 1, 0, dropped: 1);
        });
        Assert.That(said, Does.Contain(setting).And.Not.Contain("canary"));
    }

    private static async Task AssertSilentAsync(LokiTestServer server, string attributes, string endpoint)
    {
        Environment.SetEnvironmentVariable("LOKI_TESTS_CANARY", "canary-token");
        GlobalDiagnosticsContext.Set("LOKI_TESTS_CANARY", "canary-token");
        using var said = new InternalLogLines(LogLevel.Trace);
        try
        {
            server.Faults.Respond(1, 401);
            server.Faults.Respond(1, 400, "canary-token canary-line");
            string Xml(string more) => Logging.TargetXml(new Uri("http://localhost:1"), $"{attributes} flushTimeoutSeconds=\"2\" {more}", Header)
                .Replace("http://localhost:1/", endpoint, StringComparison.Ordinal);
            using var logging = Logging.FromXml(Xml(""));
            logging.Logger().Info("canary-line");
            var flushed = await logging.FlushAsync();
            Assert.That(flushed?.ToString() ?? "", Does.Not.Contain("canary"));
            logging.Reload(Xml("batchSize=\"7\""));
            logging.Logger().Info("canary-line");
            await logging.FlushAsync();
            AssertSilent(logging.Factory, logging.Target);
            using var broken = new LogFactory { ThrowConfigExceptions = true };
            var error = Assert.Catch(() => broken.Configuration = Logging.Parse(Xml("batchSize=\"-1\""), broken));
            Assert.That(error!.ToString(), Does.Contain("batchSize").And.Not.Contain("canary"));
        }
        finally
        {
            Environment.SetEnvironmentVariable("LOKI_TESTS_CANARY", null);
            GlobalDiagnosticsContext.Remove("LOKI_TESTS_CANARY");
        }

        Assert.That(said.ToString(), Does.Contain("pushes to"), "the log was on");
        Assert.That(Lines(said.ToString()), Is.Empty);
    }

    private static void AssertSilent(LogFactory factory, LokiTarget target)
    {
        Assert.That(target.Statistics.ToString() + target, Does.Not.Contain("canary"));
        Assert.That(factory.Configuration!.Variables.Select(variable => variable.Key + "=" + variable.Value), Is.Not.Empty.And.None.Contains("canary"));
    }

    private static string Listen(Action<TextWriter> act)
    {
        using var said = new InternalLogLines(LogLevel.Trace);
        act(said);
        return said.ToString();
    }

    private static string[] Lines(string said) =>
        said.Split('\n').Where(line => line.Contains("canary", StringComparison.OrdinalIgnoreCase)).ToArray();
}
