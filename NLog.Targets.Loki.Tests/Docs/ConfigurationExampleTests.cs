using System;
using System.IO;
using System.Linq;
using System.Threading.Tasks;
using NLog.Config;
using NLog.Targets.Loki.Testing;
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
    public void The_example_of_the_test_servers_readme_is_the_one_above_in_ten_lines()
    {
        var example = PublishedText.Blocks("testing.md").Single(block => block.Language == "csharp").Text;
        var source = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Published", nameof(ConfigurationExampleTests) + ".cs"));
        Assert.That(OneLine(source), Does.Contain(OneLine(example).Replace("\"nlog.config\"", nameof(Sample), StringComparison.Ordinal)));
        Assert.That(example.Split('\n').Count(line => line.EndsWith(';')), Is.LessThanOrEqualTo(10));
    }

    private static string OneLine(string text) => string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
}
