using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading.Tasks;
using NLog.Layouts;
using NLog.Targets.Loki.Tests.Support;
using NUnit.Framework;

namespace NLog.Targets.Loki.Tests.Hostile;

/// <summary>Values of properties that throw, block, log, never end or hold themselves.</summary>
public sealed class ValueTests : NeighbourTests
{
    private const string Json = "<layout type=\"JsonLayout\" includeEventProperties=\"true\" maxRecursionLimit=\"3\"><attribute name=\"m\" layout=\"${message}\" /></layout>";

    private static IEnumerable<string> Names => HostileValues.All.Keys;

    [Category("P1")]
    [Category("P2")]
    [Category("P3")]
    [Category("P4")]
    [Category("R14")]
    [Category("R15")]
    [Test]
    public async Task A_hostile_value_costs_no_line([ValueSource(nameof(Names))] string name, [Values(false, true)] bool json)
    {
        using var logging = Logging.To(Server.Url, json ? "includeEventProperties=\"true\"" : "layout=\"${message}|${event-properties:value}|${all-event-properties}\"",
            (json ? Json : "") + "<label name=\"part\" layout=\"${event-properties:value}\" /><contextproperty name=\"context\" layout=\"${event-properties:value}\" />");
        var (make, text) = HostileValues.All[name];
        var stored = await StoredAsync(logging, logger =>
        {
            var value = make(logger);
            var before = HostileValues.Logging.Logged;
            logger.Info("own event: {value}", value);
            logger.Info("own event: {@value}", value);
            logger.Info("own event: {$value}", value);
            logger.WithProperty("value", value).Info("own event");
            return 4 + HostileValues.Logging.Logged - before;
        });
        var own = stored.Where(entry => entry.Line.Contains("own event", StringComparison.Ordinal)).ToList();
        Assert.That(own, Has.Count.EqualTo(4));
        foreach (var entry in own)
        {
            entry.Metadata.TryGetValue("value", out var found);
            if (text is not null)
                Assert.That(found ?? "", Is.EqualTo(text), name);
            Assert.That(System.Text.Encoding.UTF8.GetByteCount(found ?? ""), Is.LessThanOrEqualTo(10_240));
        }
    }

    [Category("P1")]
    [Category("P2")]
    [Category("P4")]
    [Category("R15")]
    [Test]
    public async Task A_hostile_value_in_a_scope_and_among_the_global_ones_costs_no_line([ValueSource(nameof(Names))] string name)
    {
        using var logging = Logging.To(Server.Url, "includeScopeProperties=\"true\" includeGdc=\"true\"");
        var (make, text) = HostileValues.All[name];
        try
        {
            var stored = await StoredAsync(logging, logger =>
            {
                var value = make(logger);
                // A global value is read at hand-over: one that logs would log for its own events without end.
                if (value is not HostileValues.Logging)
                    GlobalDiagnosticsContext.Set("global", value);
                var before = HostileValues.Logging.Logged;
                // The events that a text logs have no scope, or they would log without end too.
                using (ScopeContext.PushProperty("scoped", value is HostileValues.Logging ? "plain" : value))
                    logger.Info("own event");
                return 1 + HostileValues.Logging.Logged - before;
            });
            var own = stored.Single(entry => entry.Line == "own event");
            if (text is not null && name.IndexOf("logs", StringComparison.Ordinal) < 0)
            {
                Assert.That(own.Metadata.GetValueOrDefault("scoped", ""), Is.EqualTo(text));
                Assert.That(own.Metadata.GetValueOrDefault("global", ""), Is.EqualTo(text));
            }
        }
        finally
        {
            GlobalDiagnosticsContext.Remove("global");
        }
    }

    [Test]
    public async Task A_hostile_value_costs_no_line_where_a_wrapper_around_the_target_takes_events_too([Values("loki,around", "around,loki", "around")] string writeTo)
    {
        // The one that passes on what an enumerator throws.
        const string Text = "<layout type=\"XmlLayout\" includeEventProperties=\"true\" maxRecursionLimit=\"3\" />";
        var target = Logging.TargetXml(Server.Url, "", $"{Text}<label name=\"part\">{Text}</label><contextproperty name=\"context\">{Text}</contextproperty>");
        using var logging = Logging.FromXml(target + "<target type=\"AsyncWrapper\" name=\"around\" overflowAction=\"Block\"><target-ref name=\"loki\" /></target>", rules: $"<logger name=\"*\" writeTo=\"{writeTo}\" />");
        var events = LogBetweenNeighbours(logging, logger =>
        {
            var before = HostileValues.Logging.Logged;
            foreach (var value in HostileValues.All.Values)
                logger.Info("own event: {@value}", value.Make(logger));
            return HostileValues.All.Count + HostileValues.Logging.Logged - before;
        });
        events = (events + 2) * writeTo.Split(',').Length;
        await Task.Run(() => logging.Factory.Flush());
        Assert.That(Server.EntryCount, Is.EqualTo(events));
        Ledgers.AssertBalance(logging.Statistics, events, events);
    }

    [TestCase("labelPropertyPrefix=\"label_\"")]
    [TestCase("eventPropertiesAsLabels=\"true\"")]
    public async Task A_hostile_value_that_becomes_a_label_costs_no_line(string attributes)
    {
        using var logging = Logging.To(Server.Url, attributes);
        var stored = await StoredAsync(logging, logger =>
        {
            var before = HostileValues.Logging.Logged;
            foreach (var value in HostileValues.All.Values)
                logger.WithProperty("label_value", value.Make(logger)).Info("own event");
            return HostileValues.All.Count + HostileValues.Logging.Logged - before;
        });
        var name = attributes.StartsWith("label", StringComparison.Ordinal) ? "value" : "label_value";
        var texts = stored.Where(entry => entry.Line == "own event").Select(entry => entry.Labels.GetValueOrDefault(name, "")).ToList();
        Assert.That(texts, Is.SupersetOf(HostileValues.All.Values.Where(value => value.Text is not null).Select(value => value.Text)));
    }

    [Category("P2")]
    [Category("R14")]
    [Test]
    public async Task Ten_thousand_properties_of_one_event_are_cut_to_what_Loki_takes([Values("", "eventPropertiesAsLabels=\"true\"")] string attributes)
    {
        using var logging = Logging.To(Server.Url, attributes);
        var entry = await StoredAsync(logging, logger =>
        {
            var logEvent = new LogEventInfo(LogLevel.Info, "test", "wide");
            for (var i = 0; i < 10_000; i++)
                logEvent.Properties["p" + i] = i;
            logger.Log(logEvent);
        });
        Assert.That(entry.Line, Is.EqualTo("wide"));
        // One more for the level that the server detects.
        Assert.That(entry.Metadata, Has.Count.EqualTo(128 + 1));
        Assert.That(logging.Statistics.MetadataCut, Is.GreaterThan(9_000));
    }

    [Test]
    public async Task Values_past_what_Loki_takes_of_one_entry_are_cut_and_counted()
    {
        using var logging = Logging.To(Server.Url, "maxPropertyBytes=\"65536\"");
        var entry = await StoredAsync(logging, logger =>
        {
            var logEvent = new LogEventInfo(LogLevel.Info, "test", "heavy");
            for (var i = 0; i < 5; i++)
                logEvent.Properties["p" + i] = new string('x', 20_000);
            logger.Log(logEvent);
        });
        Assert.That(entry.Metadata.Where(pair => pair.Key != "detected_level").Sum(pair => pair.Key.Length + pair.Value.Length), Is.EqualTo(64 * 1024));
        Assert.That(entry.Metadata, Does.ContainKey("p3").And.Not.ContainKey("p4"));
        Assert.That(logging.Statistics.MetadataCut, Is.EqualTo(2), "one is cut, one does not fit at all");
    }

    [Test]
    public async Task Names_that_collapse_to_one_keep_every_value_within_the_size_that_Loki_takes()
    {
        using var logging = Logging.To(Server.Url);
        var entry = await StoredAsync(logging, logger =>
        {
            var logEvent = new LogEventInfo(LogLevel.Info, "test", "line");
            for (var i = 0; i < 20; i++)
                logEvent.Properties[new string('\u044f', i + 1)] = new string('x', 10_240);
            logger.Log(logEvent);
        });
        Assert.That(entry.Metadata["property"], Has.Length.EqualTo(10_240));
        Assert.That(entry.Metadata["property_2"], Has.Length.EqualTo(10_240));
        var size = entry.Metadata.Where(pair => pair.Key != "detected_level").Sum(pair => pair.Key.Length + pair.Value.Length);
        Assert.That(size, Is.EqualTo(65_536));
    }

    [Test]
    public async Task A_name_that_throws_costs_only_the_name()
    {
        using var logging = Logging.To(Server.Url);
        var entry = await StoredAsync(logging, logger =>
        {
            var logEvent = new LogEventInfo(LogLevel.Info, "test", "line");
            logEvent.Properties[new Nameless()] = "value";
            logger.Log(logEvent);
        });
        Assert.That(entry.Metadata["_InvalidOperationException_"], Is.EqualTo("value"));
    }

    [Category("P6")]
    [Category("R14")]
    [Test]
    public async Task A_line_of_two_megabytes_is_cut_or_dropped_and_counted()
    {
        using var logging = Logging.To(Server.Url);
        var entry = await StoredAsync(logging, logger => logger.Info(new string('x', 2_000_000)));
        Assert.That(entry.Line, Has.Length.EqualTo(262_144));
        Assert.That(logging.Statistics.LinesTruncated, Is.EqualTo(1));
    }

    [Category("Oversize")]
    [Category("P6")]
    [Category("P7")]
    [Category("R14")]
    [TestCase("lineOverflow=\"Drop\"", 'x', LokiDropReason.OversizeLine)]
    [TestCase("maxBatchBytes=\"100000\"", 'x', LokiDropReason.OversizeEntry)]
    [TestCase("", '\u0001', LokiDropReason.OversizeEntry)]
    public async Task A_line_that_fits_into_no_push_is_counted_and_its_neighbours_arrive(string attributes, char letter, LokiDropReason reason)
    {
        using var logging = Logging.To(Server.Url, attributes);
        LogBetweenNeighbours(logging, logger =>
        {
            logger.Info(new string(letter, 2_000_000));
            return 1;
        });
        await logging.FlushAsync();
        Assert.That(StoredBetweenNeighbours(), Is.Empty);
        Assert.That(logging.Statistics.CountOf(reason), Is.EqualTo(1));
        Assert.That(Server.Pushes.Select(push => push.Status), Is.All.EqualTo(204));
        Ledgers.AssertBalance(logging.Statistics, 3, 2, dropped: 1);
    }

    [Category("P1")]
    [Category("R15")]
    [Test]
    public async Task A_layout_that_throws_costs_its_own_text_only()
    {
        var target = new LokiTarget { Name = "loki", Endpoint = Server.Url.ToString(), TaskDelayMilliseconds = 50, Layout = new ThrowingLayout() };
        target.Labels.Add(new LokiLabel("part", new ThrowingLayout()));
        target.ContextProperties.Add(new TargetPropertyWithContext("context", new ThrowingLayout()));
        using var logging = Logging.With(target);
        var entry = await StoredAsync(logging, logger => logger.Error("hostile {number}", 3));
        Assert.That(entry.Line, Is.EqualTo("hostile 3 <InvalidOperationException>"));
        Assert.That(entry.Labels["part"], Is.EqualTo("<InvalidOperationException>"));
        Assert.That(entry.Metadata["context"], Is.EqualTo("<InvalidOperationException>"));
    }

    private sealed class Nameless
    {
        public override string ToString() => throw new InvalidOperationException("no name");
    }

    private sealed class ThrowingLayout : Layout
    {
        protected override string GetFormattedMessage(LogEventInfo logEvent) =>
            logEvent.Level == LogLevel.Error ? throw new InvalidOperationException("broken layout") : logEvent.FormattedMessage;
    }
}
