using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using NLog.Targets.Loki.Testing;
using NLog.Targets.Loki.Tests.Support;
using NUnit.Framework;

namespace NLog.Targets.Loki.Tests.Rendering;

/// <summary>What is rendered after the log call shows what was true at the call.</summary>
public sealed class LateRenderingTests : ServerTests
{
    private const string Json = "<layout type=\"JsonLayout\" includeEventProperties=\"true\"><attribute name=\"m\" layout=\"${message}\" /></layout>";
    private const string Inner = "<layout type=\"JsonLayout\"><attribute name=\"m\" layout=\"${message}\" /><attribute name=\"p\"><layout type=\"JsonLayout\" includeEventProperties=\"true\" /></attribute></layout>";

    private static readonly string[] s_lines =
    {
        Json, Inner, "<layout>${event-properties:value}</layout>", "<layout>${all-event-properties}</layout>", "<layout>${message}|${event-properties:item=value}|${level}</layout>",
        "<layout type=\"CompoundLayout\"><layout type=\"SimpleLayout\" text=\"${all-event-properties}\" /></layout>",
    };

    [Test]
    public async Task A_value_that_changes_after_the_call_is_shown_as_it_was([ValueSource(nameof(s_lines))] string line, [Values] bool isHole)
    {
        using var logging = Logging.To(Server.Url, "includeEventProperties=\"true\"", line
            + "<label name=\"part\" layout=\"${event-properties:value}\" />"
            + $"<label name=\"json\">{Json}</label>"
            + "<contextproperty name=\"context\" layout=\"${event-properties:value}\" />");
        var mutable = new PropertyOracle.Mutable("before");
        var list = new List<string> { "inside" };
        Log(logging.Logger(), mutable, isHole);
        Log(logging.Logger(), list, isHole);
        mutable.Text = "changed";
        list[0] = "changed";
        var stored = await StoredAsync(logging, 2);
        Assert.That(Text(stored[0]), Does.Contain("before").And.Not.Contain("changed"));
        Assert.That(Text(stored[1]), Does.Contain("inside").And.Not.Contain("changed"));
        Assert.That(stored[0].Line, Does.Contain("before"));
        Assert.That(stored[0].Labels["part"], Is.EqualTo("before"));
        Assert.That(stored[0].Labels["json"], Does.Contain("before"));
        Assert.That(stored[0].Metadata["context"], Is.EqualTo("before"));
        Assert.That(stored[0].Metadata["value"], Is.EqualTo("before"));
    }

    [Test]
    public async Task A_value_that_cannot_change_is_shown_everywhere([ValueSource(nameof(s_lines))] string line, [Values] bool isHole)
    {
        using var logging = Logging.To(Server.Url, "includeEventProperties=\"true\"", line
            + "<label name=\"part\" layout=\"${event-properties:value}\" />"
            + $"<label name=\"json\">{Json}</label>"
            + "<contextproperty name=\"context\" layout=\"${event-properties:value}\" />");
        for (var i = 10; i < 13; i++)
            Log(logging.Logger(), i, isHole);
        var stored = await StoredAsync(logging, 3);
        for (var i = 0; i < 3; i++)
        {
            var text = (i + 10).ToString(CultureInfo.InvariantCulture);
            Assert.That(stored[i].Line, Does.Contain(text));
            Assert.That(stored[i].Labels["part"], Is.EqualTo(text));
            Assert.That(stored[i].Labels["json"], Does.Contain(text));
            Assert.That(stored[i].Metadata["context"], Is.EqualTo(text));
            Assert.That(stored[i].Metadata["value"], Is.EqualTo(text));
        }
    }

    [Test]
    public async Task Scopes_and_threads_are_those_of_the_call_whatever_the_event_holds([Values] bool isMutable, [Values] bool json, [Values] bool isSent)
    {
        const string Bound = "${scopeproperty:scope}|${threadname}|${threadid}|${scopenested}";
        var line = json
            ? $"<layout type=\"JsonLayout\" includeEventProperties=\"true\" includeScopeProperties=\"true\"><attribute name=\"bound\" layout=\"{Bound}\" /></layout>"
            : $"<layout>{Bound}|${{all-event-properties}}|${{all-event-properties:includeScopeProperties=true}}</layout>";
        using var logging = Logging.To(Server.Url, $"includeEventProperties=\"true\" includeScopeProperties=\"{isSent}\"", line
            + "<label name=\"scope\" layout=\"${scopeproperty:scope}\" />"
            + $"<label name=\"bound\"><layout type=\"JsonLayout\" includeEventProperties=\"true\" includeScopeProperties=\"true\"><attribute name=\"bound\" layout=\"{Bound}\" /></layout></label>"
            + $"<contextproperty name=\"context\" layout=\"{Bound}\" />");
        var bound = "";
        var thread = new Thread(() =>
        {
            using (ScopeContext.PushNestedState("nested"))
            using (ScopeContext.PushProperty("scope", "inside"))
                Log(logging.Logger(), isMutable ? new PropertyOracle.Mutable("m") : 1, true);
            bound = $"inside|own thread|{Environment.CurrentManagedThreadId}|nested";
        })
        { Name = "own thread" };
        thread.Start();
        thread.Join();
        var stored = (await StoredAsync(logging, 1)).Single();
        Assert.That(stored.Line, Does.Contain(bound).And.Contain(json ? "\"scope\":\"inside\"" : "scope=inside"));
        Assert.That(stored.Labels["scope"], Is.EqualTo("inside"));
        Assert.That(stored.Labels["bound"], Does.Contain(bound).And.Contain("\"scope\":\"inside\""));
        Assert.That(stored.Metadata["context"], Is.EqualTo(bound));
        Assert.That(stored.Metadata.GetValueOrDefault("scope"), Is.EqualTo(isSent ? "inside" : null));
    }

    [TestCase("<layout type=\"JsonLayout\" includeEventProperties=\"true\"><attribute name=\"e\" layout=\"${exception:format=message,data}\" /></layout>")]
    [TestCase("<layout>${exceptiondata:item=key}</layout>")]
    [TestCase("<layout>${exception:format=data}|${exceptiondata:key}</layout>")]
    public async Task The_data_of_an_exception_are_those_of_the_call(string line)
    {
        using var logging = Logging.To(Server.Url, "", line + "<label name=\"part\" layout=\"${exceptiondata:key}\" />");
        var error = new InvalidOperationException("broken");
        error.Data["key"] = "before";
        logging.Logger().Error(error, "plain");
        logging.Logger().Error(error, "order {value}", 1);
        error.Data["key"] = "changed";
        var stored = await StoredAsync(logging, 2);
        Assert.That(stored.Select(entry => entry.Line), Has.All.Contain("before"));
        Assert.That(stored.Select(entry => entry.Labels["part"]), Is.All.EqualTo("before"));
    }

    [TestCase("{ \"m\": \"${message}\" }")]
    [TestCase("")]
    public async Task What_happens_to_an_event_after_the_call_does_not_reach_a_line_of_properties_that_were_set_before(string prefix)
    {
        using var logging = Logging.To(Server.Url, $"layout=\"{prefix.Replace("\"", "'", StringComparison.Ordinal)}${{event-properties:first}}\"");
        var mutable = new PropertyOracle.Mutable("before");
        var logEvent = LogEventInfo.Create(LogLevel.Info, "test", "plain");
        logEvent.Properties["first"] = mutable;
        logging.Logger().Log(logEvent);
        mutable.Text = "changed";
        logEvent.Properties["first"] = "replaced";
        var stored = (await StoredAsync(logging, 1)).Single();
        Assert.That(stored.Line, Does.EndWith("before"));
        Assert.That(stored.Metadata["first"], Is.EqualTo("before"));
    }

    private static void Log(Logger logger, object value, bool isHole)
    {
        if (isHole)
            logger.Info("hole {value}", value);
        else
            logger.WithProperty("value", value).Info("plain");
    }

    private static string Text(StoredEntry entry) =>
        entry.Line + string.Join(" ", entry.Labels.Concat(entry.Metadata).Select(pair => pair.Key + "=" + pair.Value));

    private async Task<List<StoredEntry>> StoredAsync(Logging logging, int count)
    {
        Assert.That(await logging.FlushAsync(), Is.Null);
        Assert.That(Server.EntryCount, Is.EqualTo(count));
        return Server.Entries.OrderBy(entry => entry.TimestampNanoseconds).ToList();
    }
}
