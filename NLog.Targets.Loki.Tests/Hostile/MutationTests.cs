using System;
using System.Collections.Generic;
using System.Text;
using System.Threading.Tasks;
using NLog.Targets.Loki.Tests.Support;
using NUnit.Framework;

namespace NLog.Targets.Loki.Tests.Hostile;

/// <summary>Objects that change after the call are stored as they were.</summary>
public sealed class MutationTests : NeighbourTests
{
    private static readonly Dictionary<string, (object Value, Action Change, string Before)> s_values = Values();

    private static IEnumerable<string> Names => s_values.Keys;

    [Category("P15")]
    [Test]
    public async Task A_value_is_stored_as_at_the_call([ValueSource(nameof(Names))] string name, [Values(false, true)] bool json)
    {
        using var logging = Logging.To(
            Server.Url,
            "includeEventProperties=\"true\" includeScopeProperties=\"true\" labelPropertyPrefix=\"label_\"" + (json ? "" : " layout=\"${message}|${event-properties:value}\""),
            "<label name=\"part\" layout=\"${event-properties:value}\" />"
                + (json ? "<layout type=\"JsonLayout\" includeEventProperties=\"true\"><attribute name=\"m\" layout=\"${message}\" /></layout>" : ""));
        var (value, change, before) = Values()[name];
        var entry = await StoredAsync(logging, logger =>
        {
            using (ScopeContext.PushProperty("scoped", value))
                logger.WithProperty("label_own", value).Info("now {value}", value);
            change();
        });
        Assert.That(entry.Metadata["value"], Is.EqualTo(before));
        Assert.That(entry.Metadata["scoped"], Is.EqualTo(before));
        Assert.That(entry.Labels["own"], Is.EqualTo(before));
        Assert.That(entry.Labels["part"], Is.EqualTo(before));
        Assert.That(entry.Line, Does.Contain("now " + before).And.Not.Contain("changed"));
    }

    [Test]
    public async Task Properties_added_and_removed_after_the_call_leave_the_texts_with_their_names()
    {
        using var logging = Logging.To(Server.Url);
        var entry = await StoredAsync(logging, logger =>
        {
            var logEvent = new LogEventInfo(LogLevel.Info, "test", "line");
            logEvent.Properties["first"] = new List<int> { 1 };
            logEvent.Properties["second"] = new List<int> { 2 };
            logger.Log(logEvent);
            logEvent.Properties.Remove("first");
        });
        Assert.That(entry.Metadata["second"], Is.EqualTo("2"));
    }

    [Category("RenderError")]
    [Test]
    public async Task Properties_of_one_event_that_another_thread_changes_never_throw_at_the_application()
    {
        using var logging = Logging.To(Server.Url);
        var logEvent = new LogEventInfo(LogLevel.Info, "test", "shared");
        logEvent.Properties["list"] = new List<int> { 1 };
        using var stop = new System.Threading.CancellationTokenSource();
        var changer = Task.Run(() =>
        {
            for (var i = 0; !stop.IsCancellationRequested; i++)
            {
                logEvent.Properties["p" + (i % 50)] = new StringBuilder("x");
                logEvent.Properties.Remove("p" + ((i + 25) % 50));
            }
        });
        LogBetweenNeighbours(logging, logger =>
        {
            for (var i = 0; i < 500; i++)
                logger.Log(logEvent);
            return 500;
        });
        await stop.CancelAsync();
        await changer;
        await logging.FlushAsync();
        var stored = StoredBetweenNeighbours().Count;
        Assert.That(stored + logging.Statistics.CountOf(LokiDropReason.RenderError), Is.EqualTo(500), logging.Statistics.ToString());
        Ledgers.AssertBalance(logging.Statistics, 502, stored + 2, dropped: 500 - stored);
    }

    private static Dictionary<string, (object Value, Action Change, string Before)> Values()
    {
        var state = new State { Text = "before" };
        var list = new List<string> { "before", "then" };
        var dictionary = new Dictionary<string, string> { ["key"] = "before" };
        var builder = new StringBuilder("before");
        var array = new[] { "before" };
        return new Dictionary<string, (object, Action, string)>
        {
            ["an object"] = (state, () => state.Text = "changed", "before"),
            ["a list"] = (list, () => list[0] = "changed", "before, then"),
            ["a dictionary"] = (dictionary, () => dictionary["key"] = "changed", "key=before"),
            ["a string builder"] = (builder, () => builder.Clear().Append("changed"), "before"),
            ["an array"] = (array, () => array[0] = "changed", "before"),
        };
    }

    private sealed class State
    {
        public string Text { get; set; } = "";

        public override string ToString() => Text;
    }
}
