using System;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;
using System.Threading.Tasks;
using NLog.Config;
using NLog.Targets.Loki.Testing;
using NLog.Targets.Loki.Tests.TestServer;
using NUnit.Framework;

namespace NLog.Targets.Loki.Tests.Docs;

/// <summary>The example of the test server's README, run as it is printed there, with the sample as its nlog.config.</summary>
public sealed class ConfigurationExampleTests
{
    private static string Sample => Path.Combine(AppContext.BaseDirectory, "Published", PublishedText.Sample);

    [Test]
    public async Task An_order_is_logged_with_its_number()
    {
        await using var server = await LokiTestServer.StartAsync();
        using var factory = new LogFactory { ThrowConfigExceptions = true };
        var configuration = new XmlLoggingConfiguration(Sample, factory);
        configuration.FindTargetByName<LokiTarget>("loki")!.Endpoint = server.Url.ToString();
        factory.Configuration = configuration;
        factory.GetLogger("Shop.Orders").Info("Order {OrderId} shipped", 42);
        factory.Shutdown();
        var entry = server.Entries.Single();
        Assert.That((entry.Line, entry.Labels["level"], entry.Metadata["OrderId"]), Is.EqualTo(("Order 42 shipped", "info", "42")));
    }

    [Test]
    public async Task The_faults_of_the_readme_can_be_planned()
    {
        await using var server = await LokiTestServer.StartAsync();
        server.Faults.Respond(3, 503);
        server.Faults.StoreThenAbort(1);
        server.Faults.Hang(true);
        server.Faults.Add(new LokiFault { Status = 429, Headers = [("Retry-After", "7")] }, LokiFaults.Always, push => push.Tenant == "a");
        server.Faults.Add(new LokiFault { Status = 500, BodyLength = LokiFault.Endless, AnswerBytesPerSecond = 10 });
        server.Faults.Add(new LokiFault { RequestBytes = 1000, AnswerBytes = 0, Ending = LokiFaultEnding.Reset });
        await server.StopAsync();
        Assert.That(server.Faults.Planned, Is.EqualTo(6));
    }

    [Test]
    public void The_limits_of_the_readme_are_read()
    {
        var before = Environment.CurrentDirectory;
        Environment.CurrentDirectory = Path.GetDirectoryName(RecordedCase.PathOf("loki.yaml"))!;
        try
        {
            var options = LokiTestServerOptions.FromYaml(File.ReadAllText("loki.yaml"), File.ReadAllText("overrides.yaml"));
            Assert.That(options.Limits.MaxLineSize, Is.EqualTo(4096));
        }
        finally
        {
            Environment.CurrentDirectory = before;
        }
    }

    [Test]
    public void The_examples_of_the_test_servers_readme_are_those_above_and_the_first_has_ten_lines()
    {
        var examples = PublishedText.Blocks("testing.md").Where(block => block.Language == "csharp").Select(block => block.Text).ToList();
        var source = OneLine(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Published", nameof(ConfigurationExampleTests) + ".cs")));
        Assert.That(examples, Has.Count.EqualTo(3));
        foreach (var example in examples)
            Assert.That(source, Does.Contain(OneLine(Regex.Replace(example, " +//.*", "")).Replace("\"nlog.config\"", nameof(Sample), StringComparison.Ordinal)));
        Assert.That(examples[0].Split('\n').Count(line => line.EndsWith(';')), Is.LessThanOrEqualTo(10));
    }

    private static string OneLine(string text) => string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
}
