using System;
using System.Collections.Generic;
using System.Linq;
using System.Net;
using System.Threading.Tasks;
using NLog.Targets.Loki.Tests.Support;
using NUnit.Framework;

namespace NLog.Targets.Loki.Tests.Hostile;

/// <summary>Names and numbers of labels that Loki does not take.</summary>
public sealed class LabelTests : NeighbourTests
{
    private static readonly string[] s_names =
    [
        "1st", "007", "_", "___", "__x__", "__name__", "__backfill__", "__error__", "a.b.c", "a-b", "a b", "\u0438\u043c\u044f", "\U0001F600", "a\U0001F600b",
        new string('n', 2000), new string('7', 2000), new string('_', 2000), "say \"x\"", "{a=\"b\"}", "a\nb", "a\r\nb", "a\0b", "\"}],", "a,b=c", "\uFEFFa", "detected_level", "service_name",
    ];

    [Category("P9")]
    [Test]
    public async Task An_ugly_name_in_the_configuration_becomes_one_that_Loki_takes([ValueSource(nameof(s_names))] string name)
    {
        // XML has no NUL.
        var written = name.Replace('\0', '-');
        using var logging = Logging.To(Server.Url, "levelAs=\"None\"", $"<label name=\"{WebUtility.HtmlEncode(written).Replace("\n", "&#10;", StringComparison.Ordinal).Replace("\r", "&#13;", StringComparison.Ordinal)}\" layout=\"v\" />");
        var entry = await StoredAsync(logging, logger => logger.Info("line"));
        Assert.That(entry.Labels[Rewriting.LabelName(written)], Is.EqualTo("v"));
    }

    [Category("P9")]
    [Test]
    public async Task An_ugly_name_of_a_property_becomes_one_that_Loki_takes([ValueSource(nameof(s_names))] string name, [Values] bool asLabel)
    {
        using var logging = Logging.To(Server.Url, asLabel ? "labelPropertyPrefix=\"label_\"" : "");
        var entry = await StoredAsync(logging, logger => logger.WithProperty((asLabel ? "label_" : "") + name, "v").Info("line"));
        if (!asLabel)
            Assert.That(entry.Metadata[Rewriting.MetadataName(name)], Is.EqualTo("v"));
        else if (name == "service_name")
            Assert.That(entry.Metadata["label_service_name"], Is.EqualTo("v"), "the configured one stands");
        else
            Assert.That(entry.Labels[Rewriting.LabelName(name)], Is.EqualTo("v"));
    }

    [TestCase("")]
    [TestCase("  ")]
    public void A_label_without_a_name_is_refused_at_configuration(string name)
    {
        var error = Assert.Catch(() => Logging.To(Server.Url, "", $"<label name=\"{name}\" layout=\"v\" />").Dispose());
        Assert.That(error!.ToString(), Does.Contain("label has no name"));
    }

    [Test]
    public void Two_labels_that_are_one_to_Loki_are_refused_at_configuration()
    {
        var error = Assert.Catch(() => Logging.To(Server.Url, "", "<label name=\"a.b\" layout=\"1\" /><label name=\"a-b\" layout=\"2\" />").Dispose());
        Assert.That(error!.ToString(), Does.Contain("'a.b' and 'a-b' are both 'a_b'"));
    }

    [Category("P9")]
    // Properties, then what is stored as labels and as metadata; name=value with blanks between them.
    [TestCase(
        "labelPropertyPrefix=\"label_\" excludeProperties=\"label_secret\"", "",
        "label_a.b=first label_a-b=second label_region=us label_secret=hidden",
        "region=eu a_b=first", "label_a_b=second label_region=us")]
    [TestCase(
        "", "<contextproperty name=\"a b\" layout=\"context\" />",
        "region=us logger=mine a.b=dot a-b=dash",
        "region=eu", "region=us logger=test logger_2=mine a_b=context a_b_2=dot a_b_3=dash")]
    public async Task Properties_of_the_name_of_a_label_or_of_one_another_are_kept_as_metadata(
        string attributes, string children, string properties, string labels, string metadata)
    {
        using var logging = Logging.To(Server.Url, attributes, "<label name=\"region\" layout=\"eu\" />" + children);
        var entry = await StoredAsync(logging, logger =>
        {
            var logEvent = new LogEventInfo(LogLevel.Info, "test", "line");
            foreach (var (name, value) in Pairs(properties))
                logEvent.Properties[name] = value;
            logger.Log(logEvent);
        });
        Assert.That(Pairs(labels), Is.SubsetOf(entry.Labels));
        Assert.That(Pairs(metadata), Is.SubsetOf(entry.Metadata));
        Assert.That(entry.Labels.Values.Concat(entry.Metadata.Values), Has.None.EqualTo("hidden"));
    }

    [Category("P11")]
    [TestCase("defaultLabels=\"false\"", "")]
    [TestCase("defaultLabels=\"false\"", "<label name=\"part\" layout=\"${event-properties:none}\" />")]
    [TestCase("defaultLabels=\"false\" labelPropertyPrefix=\"label_\"", "")]
    public async Task An_event_without_labels_is_taken_by_a_Loki_that_discovers_no_service_name(string attributes, string children)
    {
        Server.Limits = Server.Limits with { DiscoverServiceName = [] };
        using var logging = Logging.To(Server.Url, attributes, children);
        var entry = await StoredAsync(logging, logger => logger.Info("line"));
        Assert.That(entry.Labels, Is.EquivalentTo(new Dictionary<string, string> { ["service_name"] = "unknown_service" }));
    }

    [Test]
    public async Task A_hundred_thousand_values_of_a_label_are_each_stored_or_counted_within_bounded_memory()
    {
        const int Values = 100_000;
        Server.Limits = Server.Limits with { MaxGlobalStreamsPerUser = 0 };
        using var logging = Logging.To(Server.Url, "flushTimeoutSeconds=\"14\" maxInFlight=\"8\"", "<label name=\"id\" layout=\"${event-properties:id}\" />");
        var most = 0L;
        LogBetweenNeighbours(logging, logger =>
        {
            for (var i = 0; i < Values; i++)
            {
                logger.WithProperty("id", i).Info("line");
                if (i % 1000 == 0)
                    most = Math.Max(most, GC.GetTotalMemory(forceFullCollection: false));
            }

            return Values;
        });
        await logging.FlushAsync();
        await Wait.UntilAsync(() => logging.Statistics.Pending == 0, "every line to be stored or counted");
        var statistics = logging.Statistics;
        TestContext.Out.WriteLine($"{statistics}, at most {most / 1_048_576} MiB in use");
        Assert.That(Server.Pushes.Select(push => push.Status), Is.All.EqualTo(204));
        Assert.That(statistics.CountOf(LokiDropReason.BufferFull) + statistics.CountOf(LokiDropReason.QueueFull), Is.EqualTo(statistics.Dropped));
        Assert.That(Server.Entries.Count(entry => entry.Metadata["logger"] == "neighbour"), Is.GreaterThanOrEqualTo(1));
        Assert.That(most, Is.LessThan(1_500_000_000));
        Ledgers.AssertBalance(statistics, Values + 2, Server.EntryCount, dropped: Values + 2 - Server.EntryCount);
    }

    private static KeyValuePair<string, string>[] Pairs(string text) =>
        [.. text.Split(' ').Select(pair => pair.Split('=')).Select(pair => KeyValuePair.Create(pair[0], pair[1]))];
}
