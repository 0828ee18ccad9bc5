using System;
using System.Collections.Generic;
using System.Linq;
using NLog.Targets.Loki.Integration;
using NLog.Targets.Loki.Tests.Support;
using NUnit.Framework;

namespace NLog.Targets.Loki.Tests.Integration;

/// <summary>Which URLs are endpoints, and when one is a risk.</summary>
[NonParallelizable]
public sealed class EndpointTests
{
    private const string Push = "/loki/api/v1/push";

    [TestCase("http://loki", "http://loki" + Push)]
    [TestCase("HTTP://LOKI", "http://loki" + Push)]
    [TestCase("https://loki", "https://loki" + Push)]
    [TestCase(" http://loki ", "http://loki" + Push)]
    [TestCase("http://loki:3100", "http://loki:3100" + Push)]
    [TestCase("http://loki:80/", "http://loki" + Push)]
    [TestCase("https://loki:443//", "https://loki" + Push)]
    [TestCase("http://loki:", "http://loki" + Push)]
    [TestCase("http://loki/prefix", "http://loki/prefix" + Push)]
    [TestCase("http://loki/prefix/", "http://loki/prefix" + Push)]
    [TestCase("http://loki/a/../b", "http://loki/b" + Push)]
    [TestCase("http://loki/a%20b", "http://loki/a%20b" + Push)]
    [TestCase("http://loki" + Push, "http://loki" + Push)]
    [TestCase("http://loki" + Push + "/", "http://loki" + Push)]
    [TestCase("http://loki/prefix" + Push, "http://loki/prefix" + Push)]
    [TestCase("https://user:password@loki", "https://loki" + Push)]
    [TestCase("https://user@loki/prefix", "https://loki/prefix" + Push)]
    [TestCase("http://127.0.0.1:3100", "http://127.0.0.1:3100" + Push)]
    [TestCase("http://[::1]:3100", "http://[::1]:3100" + Push)]
    [TestCase("http://loki/\r\nX-Evil: 1", "http://loki/%0D%0AX-Evil:%201" + Push)]
    [TestCase("http://loki?", null)]
    [TestCase("http://loki?a=b", null)]
    [TestCase("http://loki/?token=secret", null)]
    [TestCase("http://loki#part", null)]
    [TestCase("http://loki" + Push + "?a=b#c", null)]
    [TestCase("loki", null)]
    [TestCase("loki:3100", null)]
    [TestCase("//loki:3100", null)]
    [TestCase("/loki/api/v1/push", null)]
    [TestCase("http:", null)]
    [TestCase("http:/", null)]
    [TestCase("http://", null)]
    [TestCase("https:///" + "prefix", null)]
    [TestCase("http://:3100", null)]
    [TestCase("http://loki:port", null)]
    [TestCase("http://loki:99999", null)]
    [TestCase("http://lo ki", null)]
    [TestCase("http://lo\r\nki", null)]
    [TestCase("http://a@b@c", null)]
    [TestCase("ftp://loki", null)]
    [TestCase("ws://loki", null)]
    [TestCase("file:///etc/passwd", null)]
    [TestCase("unix:///var/run/loki.sock", null)]
    [TestCase("javascript:alert(1)", null)]
    [TestCase("data:text/plain,x", null)]
    [TestCase("mailto:a@b", null)]
    [TestCase("C:\\logs", null)]
    [TestCase("http://${event-properties:host}", null)]
    [TestCase("http://loki/${level}", null)]
    [TestCase("http://${nonsense}", null)]
    [Category("R5")]
    public void A_URL_is_an_endpoint_or_a_problem_that_does_not_repeat_it(string text, string? expected)
    {
        using var target = new LokiTarget { Endpoint = text };
        var reader = new OptionsReader(target, _ => null);
        if (expected is null)
        {
            var error = Assert.Throws<NLogConfigurationException>(() => reader.Read(false))!;
            Assert.That(error.Message, Does.Contain("endpoint ").And.Not.Contain("secret"));
            // The shortest of them are a part of the URL that the message shows as an example.
            Assert.That(text.Length < 8 || !error.Message.Contains(text, StringComparison.Ordinal));
            return;
        }

        var options = reader.Read(false).Push;
        Assert.That(options.Endpoint.AbsoluteUri, Is.EqualTo(expected));
        Assert.That(options.Endpoint.UserInfo, Is.Empty);
    }

    [TestCase("endpoint=\"http://${event-properties:host}\"", "endpoint")]
    [TestCase("endpoint=\"http://loki\" bearerToken=\"${event-properties:token}\"", "bearerToken")]
    [TestCase("endpoint=\"http://loki\" username=\"u\" password=\"${logger}\"", "password")]
    [TestCase("endpoint=\"http://loki\" tenant=\"${event-properties:tenant}\"", "tenant")]
    [TestCase("endpoint=\"http://loki\" tenant=\"a-${uppercase:${mdlc:tenant}}\"", "tenant")]
    [TestCase("endpoint=\"http://loki\" proxyUrl=\"http://${message}\"", "proxyUrl")]
    [Category("S3")]
    [Category("R10")]
    public void What_decides_where_lines_go_cannot_depend_on_a_line(string attributes, string setting)
    {
        using var factory = new LogFactory { ThrowConfigExceptions = true };
        var error = Assert.Catch(() => factory.Configuration = Logging.Parse($"<target type=\"Loki\" name=\"loki\" {attributes} />", factory));
        Assert.That(error!.ToString(), Does.Contain(setting + " depends on the event"));
    }

    [TestCase("http://loki.test", "bearerToken=\"canary\"", true)]
    [TestCase("http://192.0.2.1", "username=\"user\" password=\"canary\"", true)]
    [TestCase("http://user:canary@loki.test", "", true)]
    [TestCase("http://loki.test", "", false)]
    [TestCase("http://loki.test", "bearerToken=\"${environment:LOKI_TESTS_NOT_SET}\"", false)]
    [TestCase("https://loki.test", "bearerToken=\"canary\"", false)]
    [TestCase("http://localhost:1", "bearerToken=\"canary\"", false)]
    [TestCase("http://127.0.0.2:1", "bearerToken=\"canary\"", false)]
    [TestCase("http://[::1]:1", "bearerToken=\"canary\"", false)]
    [Category("S4")]
    [Category("R4")]
    public void Credentials_over_plain_http_to_another_host_are_warned_of_once(string endpoint, string attributes, bool isWarned)
    {
        using var said = new InternalLogLines(LogLevel.Trace);
        using (var logging = Logging.FromXml($"<target type=\"Loki\" name=\"loki\" endpoint=\"{endpoint}\" {attributes} />"))
            logging.Reload($"<target type=\"Loki\" name=\"loki\" endpoint=\"{endpoint}\" {attributes} batchSize=\"7\" />");

        IEnumerable<string> warnings = said.ToString().Split('\n').Where(line => line.Contains("plain http", StringComparison.Ordinal));
        Assert.That(warnings, isWarned ? Has.One.Contain(new Uri(endpoint).Host).And.One.Contain(" Warn ") : Is.Empty);
        Assert.That(said.ToString(), Does.Not.Contain("canary"));
    }
}
