using System;
using System.IO;
using System.Linq;
using Microsoft.Extensions.Configuration;
using NLog.Common;
using NLog.Extensions.Logging;
using NLog.Targets.Loki.Tests.Support;
using NUnit.Framework;

namespace NLog.Targets.Loki.Tests.Integration;

[NonParallelizable]
public sealed class ConfigurationTests
{
    // The options have no defaults of their own: one that was forgotten would be zero.
    [Test]
    public void Every_number_and_time_among_the_options_comes_from_a_setting()
    {
        var options = new Loki.Integration.OptionsReader(new LokiTarget { RetryCount = 1 }, _ => null).Read(isWrapped: false);
        foreach (var part in new object[] { options, options.Push, options.Batch, options.Retry })
        {
            foreach (var property in part.GetType().GetProperties().Where(property => property.PropertyType == typeof(TimeSpan)
                || property.PropertyType == typeof(int) || property.PropertyType == typeof(long)))
                Assert.That(property.GetValue(part), Is.Not.EqualTo(Activator.CreateInstance(property.PropertyType)), property.Name);
        }
    }

    [Category("R8")]
    [Category("R10")]
    [Category("S3")]
    [TestCase("endpoint=\"localhost:3100\"", "endpoint")]
    [TestCase("endpoint=\"ftp://localhost:3100\"", "endpoint")]
    [TestCase("endpoint=\"/var/log/loki\"", "endpoint")]
    [TestCase("endpoint=\"C:\\logs\"", "endpoint")]
    [TestCase("endpoint=\"http://\"", "endpoint")]
    [TestCase("endpoint=\"${environment:NOT_SET_ANYWHERE}\"", "endpoint")]
    [TestCase("endpoint=\"http://x/?a=b\"", "endpoint")]
    [TestCase("batchSize=\"0\"", "batchSize")]
    [TestCase("batchSize=\"-5\"", "batchSize")]
    [TestCase("maxBatchBytes=\"0\"", "maxBatchBytes")]
    [TestCase("taskDelayMilliseconds=\"0\"", "taskDelayMilliseconds")]
    [TestCase("bufferLimitBytes=\"-1\"", "bufferLimitBytes")]
    [TestCase("queueLimit=\"0\"", "queueLimit")]
    [TestCase("maxInFlight=\"0\"", "maxInFlight")]
    [TestCase("requestTimeoutSeconds=\"0\"", "requestTimeoutSeconds")]
    [TestCase("connectTimeoutSeconds=\"-1\"", "connectTimeoutSeconds")]
    [TestCase("retryDelayMilliseconds=\"0\"", "retryDelayMilliseconds")]
    [TestCase("retryMaxDelayMilliseconds=\"0\"", "retryMaxDelayMilliseconds")]
    [TestCase("retryCount=\"-1\"", "retryCount")]
    [TestCase("circuitBreakerThreshold=\"0\"", "circuitBreakerThreshold")]
    [TestCase("circuitBreakerResetSeconds=\"0\"", "circuitBreakerResetSeconds")]
    [TestCase("flushTimeoutSeconds=\"0\"", "flushTimeoutSeconds")]
    [TestCase("closeTimeoutSeconds=\"0\"", "closeTimeoutSeconds")]
    [TestCase("maxLineBytes=\"0\"", "maxLineBytes")]
    [TestCase("maxPropertyBytes=\"0\"", "maxPropertyBytes")]
    [TestCase("taskTimeoutSeconds=\"-1\"", "taskTimeoutSeconds")]
    [TestCase("format=\"7\"", "format")]
    [TestCase("bearerToken=\"t\" username=\"u\" password=\"p\"", "bearerToken")]
    [TestCase("password=\"p\"", "password")]
    [TestCase("bearerToken=\"a&#10;b\"", "bearerToken")]
    [TestCase("bearerToken=\"${nonsense}\"", "bearerToken")]
    [TestCase("tenant=\"a/b\"", "tenant")]
    [TestCase("tenant=\"..\"", "tenant")]
    [TestCase("tenant=\"${level}\"", "tenant")]
    [TestCase("tenant=\"${event-properties:tenant}\"", "tenant")]
    [TestCase("proxyUrl=\"proxy:8888\"", "proxyUrl")]
    [TestCase("proxyUser=\"u\"", "proxyUser")]
    public void A_bad_value_is_one_exception_that_names_the_setting_and_what_to_write(string attributes, string setting)
    {
        if (!attributes.Contains("endpoint", StringComparison.Ordinal))
            attributes = "endpoint=\"http://localhost:1\" " + attributes;
        var error = LoadError($"<target type=\"Loki\" name=\"loki\" {attributes} />");
        Assert.That(error, Does.Contain(": " + setting).Or.Contain("; " + setting));
        Assert.That(error, Does.Contain("write").Or.Contain("check"));
    }

    [TestCase("<label name=\"app\" />", "label 'app' has no layout")]
    [TestCase("<label name=\"app\">x</label>", "label 'app' has no layout")]
    [TestCase("<label layout=\"x\" />", "label has no name")]
    [TestCase("<label name=\"a-b\" layout=\"1\" /><label name=\"a.b\" layout=\"2\" />", "'a-b' and 'a.b' are both 'a_b'")]
    [TestCase("<header name=\"X Y\" layout=\"1\" />", "header")]
    [TestCase("<header name=\"Authorization\" layout=\"1\" />", "header 'Authorization'")]
    [TestCase("<header name=\"X-Key\" layout=\"k&#233;y\" />", "header 'X-Key'")]
    public void A_bad_child_is_named_with_what_to_write(string child, string expected)
    {
        Assert.That(LoadError($"<target type=\"Loki\" name=\"loki\" endpoint=\"http://localhost:1\">{child}</target>"), Does.Contain(expected));
    }

    [Test]
    public void Every_problem_is_in_the_one_exception()
    {
        var error = LoadError("<target type=\"Loki\" name=\"loki\" endpoint=\"localhost:3100\" tenant=\"a/b\" batchSize=\"-1\" bearerToken=\"t\" username=\"u\"><label name=\"app\" /></target>");
        Assert.That(error, Does.Contain("5 problem(s)"));
        foreach (var setting in new[] { "endpoint", "tenant", "batchSize", "bearerToken", "label" })
            Assert.That(error, Does.Contain(setting + " "));
    }

    [TestCase("compressionLevel")]
    [TestCase("format")]
    public void An_unknown_enum_value_is_an_exception_that_names_the_setting(string setting)
    {
        var error = LoadError($"<target type=\"Loki\" name=\"loki\" endpoint=\"http://localhost:1\" {setting}=\"very\" />");
        Assert.That(error, Does.Contain(setting).IgnoreCase.And.Contain("very"));
    }

    [Category("Misconfigured")]
    [Test]
    public void Without_throwing_the_application_runs_on_and_events_count_as_misconfigured()
    {
        var said = new StringWriter();
        var standardError = Console.Error;
        var level = InternalLogger.LogLevel;
        InternalLogger.LogLevel = LogLevel.Off;
        Console.SetError(said);
        try
        {
            using var factory = new LogFactory { ThrowConfigExceptions = false };
            factory.Configuration = Logging.Parse("<target type=\"Loki\" name=\"loki\" endpoint=\"ftp://host\" bearerToken=\"canary\" username=\"u\" />", factory);
            var target = factory.Configuration.AllTargets.OfType<LokiTarget>().Single();
            for (var i = 0; i < 3; i++)
                factory.GetLogger("test").Info("line");
            Ledgers.AssertBalance(target.Statistics, 3, 0, dropped: 3);
            Assert.That(target.Statistics.CountOf(LokiDropReason.Misconfigured), Is.EqualTo(3));
            Assert.That(factory.Configuration.Variables["loki-dropped"].ToString(), Is.EqualTo("3"));
        }
        finally
        {
            Console.SetError(standardError);
            InternalLogger.LogLevel = level;
        }

        var lines = said.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.That(lines, Has.Length.EqualTo(1));
        Assert.That(lines[0], Does.Contain("nothing is sent").And.Contain("endpoint").And.Not.Contain("canary"));
    }

    [Test]
    public void Block_inside_a_wrapper_is_refused_because_it_would_deadlock()
    {
        var error = LoadError("<target type=\"BufferingWrapper\" name=\"loki\"><target type=\"Loki\" name=\"inner\" endpoint=\"http://localhost:1\" overflowAction=\"Block\" /></target>");
        Assert.That(error, Does.Contain("overflowAction").And.Contain("deadlock"));
    }

    [Test]
    public void A_header_in_json_has_a_layout_or_a_value_as_a_label_has([Values("layout", "value")] string attribute)
    {
        var json = $$"""
            {
              "NLog": {
                "extensions": [{ "assembly": "NLog.Targets.Loki" }],
                "targets": { "loki": { "type": "Loki", "endpoint": "http://localhost:1", "headers": [{ "name": "X-Key", "{{attribute}}": "key" }] } },
                "rules": [{ "logger": "*", "writeTo": "loki" }]
              }
            }
            """;
        using var factory = new LogFactory { ThrowConfigExceptions = true };
        var configuration = new ConfigurationBuilder().AddJsonStream(new MemoryStream(System.Text.Encoding.UTF8.GetBytes(json))).Build();
        factory.Configuration = new NLogLoggingConfiguration(configuration.GetSection("NLog"), factory);
        using var target = factory.Configuration.FindTargetByName<LokiTarget>("loki")!;
        var header = new Loki.Integration.OptionsReader(target, _ => null).Read(isWrapped: false).Push.RenderHeaders().Single();
        Assert.That((header.Key, header.Value), Is.EqualTo(("X-Key", "key")));
    }

    [TestCase("http://localhost:3100", "http://localhost:3100/loki/api/v1/push")]
    [TestCase("http://localhost:3100/", "http://localhost:3100/loki/api/v1/push")]
    [TestCase("https://host/prefix", "https://host/prefix/loki/api/v1/push")]
    [TestCase("https://host/prefix/loki/api/v1/push", "https://host/prefix/loki/api/v1/push")]
    [TestCase("https://user:pass@host/loki/api/v1/push/", "https://host/loki/api/v1/push")]
    public void An_endpoint_may_be_a_base_a_base_with_a_prefix_or_the_push_url(string endpoint, string expected)
    {
        using var target = new LokiTarget { Endpoint = endpoint };
        var options = new Loki.Integration.OptionsReader(target, _ => null).Read(false);
        Assert.That(options.Push.Endpoint.ToString(), Is.EqualTo(expected));
    }

    [Category("R5")]
    [Test]
    public void User_info_of_the_endpoint_becomes_basic_authentication()
    {
        using var target = new LokiTarget { Endpoint = "https://us%3Aer:pa%40ss@host" };
        var header = new Loki.Integration.OptionsReader(target, _ => null).Read(false).Push.RenderHeaders().Single();
        Assert.That(header.Value, Is.EqualTo("Basic " + Convert.ToBase64String("us:er:pa@ss"u8.ToArray())));
    }

    [Test]
    public void Items_that_are_null_are_named_like_those_without_a_name_and_events_count_as_misconfigured()
    {
        var target = new LokiTarget { Endpoint = "http://localhost", Diagnostics = LokiDiagnostics.None };
        target.Labels.Add(null!);
        target.ContextProperties.Add(null!);
        target.Headers.Add(null!);
        var error = Assert.Catch(() => Logging.With(target))!.GetBaseException();
        Assert.That(error, Is.InstanceOf<NLogConfigurationException>());
        Assert.That(error.Message, Does.Contain("label has no name").And.Contain("contextproperty has no name").And.Contain("header has a name that is empty"));
        target.WriteAsyncLogEvent(LogEventInfo.Create(LogLevel.Info, "test", "line").WithContinuation(_ => { }));
        Assert.That(target.Statistics.CountOf(LokiDropReason.Misconfigured), Is.EqualTo(1));
    }

    private static string LoadError(string targetXml)
    {
        using var factory = new LogFactory { ThrowConfigExceptions = true };
        var error = Assert.Catch<NLogConfigurationException>(() => factory.Configuration = Logging.Parse(targetXml, factory));
        return error!.ToString();
    }
}
