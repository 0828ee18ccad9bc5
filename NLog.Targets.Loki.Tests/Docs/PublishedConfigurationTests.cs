using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.Json;
using System.Xml.Linq;
using Microsoft.Extensions.Configuration;
using NLog.Common;
using NLog.Config;
using NLog.Extensions.Logging;
using NUnit.Framework;

namespace NLog.Targets.Loki.Tests.Docs;

/// <summary>What users copy from the documents loads as it stands; loading does not connect.</summary>
[NonParallelizable]
public sealed class PublishedConfigurationTests
{
    private const string Extensions = "<extensions><add assembly=\"NLog.Targets.Loki\" /></extensions>";
    private const string Rules = "<rules><logger name=\"*\" writeTo=\"loki\" /></rules>";
    private const string Endpoint = "http://localhost:3100";

    private LogLevel _internalLevel = LogLevel.Off;
    private string? _internalFile;

    private static IEnumerable<PublishedBlock> XmlBlocks =>
        Blocks("xml").Append(new PublishedBlock(PublishedText.Sample, "xml", PublishedText.Read(PublishedText.Sample)));

    private static IEnumerable<PublishedBlock> JsonBlocks => Blocks("json");

    [SetUp]
    public void RememberInternalLog()
    {
        _internalLevel = InternalLogger.LogLevel;
        _internalFile = InternalLogger.LogFile;
    }

    [TearDown]
    public void RestoreInternalLog()
    {
        InternalLogger.LogFile = _internalFile;
        InternalLogger.LogLevel = _internalLevel;
    }

    [TestCaseSource(nameof(XmlBlocks))]
    public void Every_xml_block_loads_as_it_stands(PublishedBlock block)
    {
        var root = XDocument.Parse(Whole(block.Text)).Root!;
        // NLog's own checks are strict only on demand, and a test leaves no internal log behind.
        root.SetAttributeValue("throwConfigExceptions", "true");
        root.SetAttributeValue("internalLogLevel", null);
        root.SetAttributeValue("internalLogFile", null);
        root.SetAttributeValue("autoReload", null);
        using var factory = new LogFactory { ThrowConfigExceptions = true };
        factory.Configuration = XmlLoggingConfiguration.CreateFromXmlString(root.ToString(), factory);
        AssertLoki(factory, root.Descendants().Count(element => element.Name.LocalName == "label"));
    }

    [TestCaseSource(nameof(JsonBlocks))]
    public void Every_json_block_loads_as_it_stands(PublishedBlock block)
    {
        using var json = JsonDocument.Parse(block.Text);
        var targets = json.RootElement.GetProperty("NLog").GetProperty("targets");
        var labels = targets.EnumerateObject().Sum(target => target.Value.TryGetProperty("labels", out var list) ? list.GetArrayLength() : 0);
        var configuration = new ConfigurationBuilder().AddJsonStream(new MemoryStream(System.Text.Encoding.UTF8.GetBytes(block.Text))).Build();
        using var factory = new LogFactory { ThrowConfigExceptions = true };
        factory.Configuration = new NLogLoggingConfiguration(configuration.GetSection("NLog"), factory);
        AssertLoki(factory, labels);
    }

    [Test]
    public void The_documents_show_a_configuration_in_xml_and_one_in_json() =>
        Assert.That((XmlBlocks.Count() > 1, JsonBlocks.Any()), Is.EqualTo((true, true)));

    [Test]
    public void The_first_configuration_of_the_readme_has_seven_lines_and_only_the_endpoint()
    {
        var text = PublishedText.Blocks(PublishedText.Readme).First(block => block.Language == "xml").Text;
        var target = XDocument.Parse(text).Descendants().Single(element => element.Name.LocalName == "target");
        Assert.That(text.Split('\n'), Has.Length.EqualTo(7));
        Assert.That(target.Attributes().Select(attribute => attribute.Name.LocalName), Is.EquivalentTo(new[] { "type", "name", "endpoint" }));
    }

    [Test]
    public void The_code_configuration_of_the_readme_works()
    {
        // The same calls as in the README; LogManager would be shared with other tests.
        using var factory = new LogFactory { ThrowConfigExceptions = true };
        factory.Setup()
            .SetupExtensions(extensions => extensions.RegisterLoki())
            .LoadConfiguration(builder => builder.ForLogger().FilterMinLevel(LogLevel.Info).WriteTo(new LokiTarget
            {
                Name = "loki",
                Endpoint = "http://localhost:3100",
                Labels = { new LokiLabel("region", "eu") },
            }));
        AssertLoki(factory, 1);
    }

    private static IEnumerable<PublishedBlock> Blocks(string language) =>
        PublishedText.Documents.SelectMany(PublishedText.Blocks).Where(block => block.Language == language);

    private static string Whole(string text)
    {
        var trimmed = text.TrimStart();
        if (trimmed.StartsWith("<?xml", StringComparison.Ordinal) || trimmed.StartsWith("<nlog", StringComparison.Ordinal))
            return text;
        if (trimmed.StartsWith("<target ", StringComparison.Ordinal))
            return NLogElement(Extensions, text);
        if (trimmed.StartsWith("<extensions>", StringComparison.Ordinal))
            return NLogElement(text, $"<target xsi:type=\"Loki\" name=\"loki\" endpoint=\"{Endpoint}\" />");
        throw new AssertionException("This kind of fragment is not known: " + text);
    }

    private static string NLogElement(string extensions, string target) =>
        "<nlog xmlns=\"http://www.nlog-project.org/schemas/NLog.xsd\" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\">"
        + $"{extensions}<targets>{target}</targets>{Rules}</nlog>";

    private static void AssertLoki(LogFactory factory, int labels)
    {
        var loki = factory.Configuration!.AllTargets.OfType<LokiTarget>().Single();
        Assert.That(loki.Labels, Has.Count.EqualTo(labels));
        Assert.That(factory.Configuration.LoggingRules.Any(rule => rule.Targets.Contains(loki)), "a rule writes to it");
        Assert.That(factory.Configuration.Variables.ContainsKey("loki-sent"), "it was initialised");
        factory.Shutdown();
    }
}
