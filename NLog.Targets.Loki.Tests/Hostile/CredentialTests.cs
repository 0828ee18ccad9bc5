using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading.Tasks;
using NLog.Targets.Loki.Tests.Support;
using NUnit.Framework;

namespace NLog.Targets.Loki.Tests.Hostile;

/// <summary>Line breaks and letters outside ASCII in what goes into request headers.</summary>
[NonParallelizable]
public sealed class CredentialTests : ServerTests
{
    private const string Variable = "LOKI_TESTS_HOSTILE";

    private static readonly Dictionary<string, string> s_values = new()
    {
        ["CR"] = "canary\rX-Evil: 1",
        ["LF"] = "canary\nX-Evil: 1",
        ["CRLF"] = "canary\r\nX-Evil: 1",
        ["NUL"] = "canary\0",
        ["Latin 1"] = "canary\u00e9",
        ["Cyrillic"] = "canary\u0436",
        ["emoji"] = "canary\U0001F600",
    };

    // An environment variable ends at NUL.
    private static IEnumerable<object[]> Rows =>
        from value in s_values.Keys
        from setting in new[] { "tenant", "bearerToken", "header" }
        from source in new[] { "literal", "environment", "gdc" }
        where value != "NUL" || source != "environment"
        select new object[] { value, setting, source };

    [Category("S1")]
    [Category("R8")]
    [TestCaseSource(nameof(Rows))]
    public void A_value_that_is_no_header_value_is_refused_by_the_name_of_its_setting(string value, string setting, string source)
    {
        var text = s_values[value];
        Environment.SetEnvironmentVariable(Variable, text);
        GlobalDiagnosticsContext.Set(Variable, text);
        try
        {
            var layout = source == "literal" ? text : $"${{{source}:{Variable}}}";
            var target = new LokiTarget { Name = "loki", Endpoint = Server.Url.ToString() };
            if (setting == "tenant")
                target.Tenant = layout;
            else if (setting == "bearerToken")
                target.BearerToken = layout;
            else
                target.Headers.Add(new LokiHeader { Name = "X-Key", Layout = layout });
            AssertRefused(() => target, setting);
        }
        finally
        {
            Environment.SetEnvironmentVariable(Variable, null);
            GlobalDiagnosticsContext.Remove(Variable);
        }
    }

    [Category("S1")]
    [Category("R8")]
    [TestCase("LOKI_TOKEN", "LOKI_TOKEN")]
    [TestCase("LOKI_TENANT", "tenant")]
    public void A_variable_that_is_no_header_value_is_refused_by_its_name(string variable, string setting)
    {
        Environment.SetEnvironmentVariable(variable, s_values["CRLF"]);
        try
        {
            AssertRefused(() => new LokiTarget { Name = "loki", Endpoint = Server.Url.ToString() }, setting);
        }
        finally
        {
            Environment.SetEnvironmentVariable(variable, null);
        }
    }

    [Test]
    public async Task Line_breaks_around_a_token_are_taken_away()
    {
        Environment.SetEnvironmentVariable("LOKI_TOKEN", "token\r\n");
        try
        {
            using var logging = Logging.To(Server.Url);
            logging.Logger().Info("line");
            Assert.That(await logging.FlushAsync(), Is.Null);
            Assert.That(Server.Pushes.Single().Headers["Authorization"], Is.EqualTo("Bearer token"));
            Ledgers.AssertBalance(logging.Statistics, 1, 1);
        }
        finally
        {
            Environment.SetEnvironmentVariable("LOKI_TOKEN", null);
        }
    }

    [Category("S1")]
    [Category("R8")]
    [TestCase("bearerToken=\"${gdc:LOKI_TESTS_HOSTILE}\"", "", "Authorization", "Bearer good", "bearerToken")]
    [TestCase("", "<header name=\"X-Key\" layout=\"${gdc:LOKI_TESTS_HOSTILE}\" />", "X-Key", "good", "header 'X-Key'")]
    public async Task A_value_that_becomes_invalid_after_a_refusal_is_never_sent(string attributes, string children, string header, string good, string setting)
    {
        using var said = new InternalLogLines(LogLevel.Trace);
        GlobalDiagnosticsContext.Set(Variable, "good");
        try
        {
            using var logging = Logging.To(Server.Url, attributes, children);
            Server.Faults.Respond(1, 401);
            GlobalDiagnosticsContext.Set(Variable, s_values["CRLF"]);
            logging.Logger().Info("line");
            await logging.FlushAsync();
            Assert.That(await logging.FlushAsync(), Is.Null);
            Assert.That(Server.PushCount, Is.GreaterThanOrEqualTo(2));
            Assert.That(Server.Pushes.Select(push => push.Headers[header]), Is.All.EqualTo(good));
            Assert.That(Server.Pushes.SelectMany(push => push.Headers.Keys), Has.None.EqualTo("X-Evil").IgnoreCase);
            Assert.That(Server.EntryCount, Is.EqualTo(1));
            Ledgers.AssertBalance(logging.Statistics, 1, 1);
        }
        finally
        {
            GlobalDiagnosticsContext.Remove(Variable);
        }

        Assert.That(said.ToString(), Does.Contain(setting + " holds a control character").And.Not.Contain("canary"));
    }

    private void AssertRefused(Func<LokiTarget> create, string setting)
    {
        using var said = new InternalLogLines(LogLevel.Trace);
        using (var strict = new LogFactory { ThrowConfigExceptions = true })
        {
            var error = Assert.Catch(() => Configure(strict, create()));
            Assert.That(error!.ToString(), Does.Contain(setting).And.Not.Contain("canary"));
        }

        // Without ThrowConfigExceptions the application runs on.
        var target = create();
        using (var factory = new LogFactory { ThrowConfigExceptions = false })
        {
            Configure(factory, target);
            factory.GetLogger("test").Info("line");
            factory.Shutdown();
        }

        Ledgers.AssertBalance(target.Statistics, 1, 0, dropped: 1);
        Assert.That(target.Statistics.CountOf(LokiDropReason.Misconfigured), Is.EqualTo(1));

        Assert.That(Server.PushCount, Is.Zero);
        Assert.That(said.ToString(), Does.Contain(setting).And.Not.Contain("canary"));
    }

    private static void Configure(LogFactory factory, LokiTarget target)
    {
        var configuration = new NLog.Config.LoggingConfiguration(factory);
        configuration.AddRuleForAllLevels(target);
        factory.Configuration = configuration;
    }
}
