using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Threading.Tasks;
using NLog.Layouts;
using NLog.Targets.Loki.Contract;
using NLog.Targets.Loki.Rendering;
using NLog.Targets.Loki.Testing;
using NLog.Targets.Loki.Tests.Support;
using NUnit.Framework;

namespace NLog.Targets.Loki.Tests.Rendering;

/// <summary>An entry lies under the labels of its own event, whatever those hold.</summary>
public sealed class LabelSetTests : ServerTests
{
    private const string Labels = "<label name=\"a\" layout=\"${event-properties:a}\" /><label name=\"b\" layout=\"${event-properties:b}\" /><label name=\"c\" layout=\"${event-properties:c}\" />";

    protected override LokiTestServerOptions Options => new() { Limits = new LokiLimits { MaxGlobalStreamsPerUser = 0 }.WithoutRates() };

    [Test]
    public async Task Values_never_run_into_each_other([Values("", "eventPropertiesAsLabels=\"true\"")] string attributes)
    {
        var pieces = new[] { "", "x", "\0", "\0\u0001", "\u0001", "\0\0", "\"", "\\", ",", "=", "\u001F", "\"b\":\"", "\uD83D\uDE00", new string('y', 2048), new string('y', 2049), new string('\u0001', 300) };
        var rows = (from a in pieces from b in pieces from c in new[] { "", "\0" } select (a, b, c)).ToList();
        using var logging = Logging.To(Server.Url, "layout=\"${event-properties:row}\" excludeProperties=\"row\" " + attributes, Labels);
        // Twice: known sets are found the second time.
        for (var round = 0; round < 2; round++)
        {
            for (var i = 0; i < rows.Count; i++)
            {
                var logEvent = LogEventInfo.Create(LogLevel.Info, "test", "plain");
                logEvent.Properties["row"] = i;
                (logEvent.Properties["a"], logEvent.Properties["b"], logEvent.Properties["c"]) = rows[i];
                logging.Logger().Log(logEvent);
            }
        }

        Assert.That(await logging.FlushAsync(), Is.Null);
        Assert.That(Server.EntryCount, Is.EqualTo(rows.Count * 2));
        foreach (var entry in Server.Entries)
        {
            var (a, b, c) = rows[int.Parse(entry.Line, CultureInfo.InvariantCulture)];
            Assert.That((Of(entry, "a"), Of(entry, "b"), Of(entry, "c")), Is.EqualTo((Cut(a), Cut(b), Cut(c))));
        }
    }

    [Test]
    public void Ten_thousand_values_have_ten_thousand_sets_whether_they_are_known_or_not()
    {
        var options = new LokiOptions { Labels = new[] { KeyValuePair.Create<string, Layout>("a", "${event-properties:a}"), KeyValuePair.Create<string, Layout>("b", "fixed") } };
        var labels = new LabelRenderer(options, new HashSet<string>(), new PropertyText(new NoFormatter(), 100));
        for (var round = 0; round < 2; round++)
        {
            for (var i = 0; i < 10_000; i++)
            {
                var logEvent = LogEventInfo.Create(LogLevel.Info, "test", "plain");
                logEvent.Properties["a"] = i;
                var set = labels.Render(logEvent, null, new List<KeyValuePair<string, string>>(), out _);
                if (set.ToString() != "{\"a\":\"" + i.ToString(CultureInfo.InvariantCulture) + "\",\"b\":\"fixed\"}")
                    Assert.Fail($"{i}: {set}");
                if (i % 7 == 0 && !ReferenceEquals(labels.Render(logEvent, null, new List<KeyValuePair<string, string>>(), out _), set))
                    Assert.Fail($"{i} was made anew");
            }
        }
    }

    private static string Of(StoredEntry entry, string label) => entry.Labels.GetValueOrDefault(label, "");

    private static string Cut(string value) => value.Length > 2048 ? value.Substring(0, 2048) : value;

    private sealed class NoFormatter : IValueFormatter
    {
        public bool FormatValue(object? value, string? format, MessageTemplates.CaptureType captureType, System.IFormatProvider? formatProvider, System.Text.StringBuilder builder) => false;
    }
}
