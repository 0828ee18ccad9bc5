using System;
using System.Diagnostics;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using NLog.Targets.Loki.Testing;
using NLog.Targets.Loki.Tests.Support;
using NUnit.Framework;

namespace NLog.Targets.Loki.Tests.EndToEnd;

public sealed class OddUseTests(ServedBy servedBy) : EndToEndTests(servedBy)
{
    protected override LokiLimits Limits => new LokiLimits().WithoutRates();

    [Test]
    public async Task One_event_object_logged_ten_times_within_an_activity_counts_ten_times()
    {
        using var activity = new Activity("work").SetIdFormat(ActivityIdFormat.W3C).Start();
        using var logging = Logging.To(Server.Url);
        var logEvent = new LogEventInfo(LogLevel.Info, "test", "line");
        for (var i = 0; i < 10; i++)
            logging.Logger().Log(logEvent);
        Assert.That(await logging.FlushAsync(), Is.Null);
        Assert.That(Server.EntryCount, Is.EqualTo(10));
        Assert.That(Server.Entries[0].Metadata["trace_id"], Is.EqualTo(activity.TraceId.ToHexString()));
        Assert.That(Server.Entries[0].Metadata["span_id"], Is.EqualTo(activity.SpanId.ToHexString()));
        Ledgers.AssertBalance(logging.Statistics, 10, 10);
    }

    [Category("Reload")]
    [Test]
    public async Task A_target_object_that_is_closed_and_initialised_again_under_load_keeps_its_ledger()
    {
        using var logging = Logging.With(new LokiTarget { Name = "loki", Endpoint = Server.Url.ToString(), TaskDelayMilliseconds = 20 });
        using var stop = new CancellationTokenSource();
        var writers = Enumerable.Range(0, 2).Select(_ => Task.Factory.StartNew(
            () =>
            {
                var logger = logging.Logger();
                while (!stop.IsCancellationRequested)
                {
                    logger.Info("line");
                    Thread.SpinWait(5000);
                    while (logging.Statistics.Queued > 10_000 && !stop.IsCancellationRequested)
                        Thread.Yield();
                }
            },
            TaskCreationOptions.LongRunning)).ToArray();
        for (var i = 0; i < 10; i++)
        {
            var before = logging.Statistics.Emitted;
            await Wait.UntilAsync(() => logging.Statistics.Emitted > before + 500, "load");
            logging.Factory.Configuration = logging.Factory.Configuration;
        }

        await stop.CancelAsync();
        await Task.WhenAll(writers);
        Assert.That(await logging.FlushAsync(), Is.Null);
        await Wait.UntilAsync(() => logging.Statistics.Pending == 0, "everything settled");
        var statistics = logging.Statistics;
        Assert.That(statistics.Lost, Is.LessThanOrEqualTo(20), statistics.ToString());
        Ledgers.AssertBalance(statistics, statistics.Emitted, Server.EntryCount, dropped: statistics.Dropped);
    }

    [Category("Block")]
    [Test]
    public async Task A_reload_leaves_back_pressure_in_force()
    {
        const string Attributes = "overflowAction=\"Block\" queueLimit=\"1000\" bufferLimitBytes=\"65536\" retryDelayMilliseconds=\"20\" flushTimeoutSeconds=\"1\"";
        await Server.StopAsync();
        using var logging = Logging.To(Server.Url, Attributes);
        logging.Reload(Logging.TargetXml(Server.Url, Attributes));
        logging.Reload(Logging.TargetXml(Server.Url, Attributes));
        var logged = 0;
        var writer = Task.Factory.StartNew(
            () =>
            {
                for (; logged < 20_000; logged++)
                    logging.Logger().Info("a line of an application {number}", logged);
            },
            TaskCreationOptions.LongRunning);
        await Wait.UntilAsync(() => logged > 1500, "a full queue");
        var held = logging.Statistics;
        Assert.That(held.Buffered + held.Retrying + held.InFlight, Is.LessThan(5000), "the buffer is bounded: " + held);
        Assert.That(writer.IsCompleted, Is.False);
        await Server.RestartAsync();
        await writer.WaitAsync(TimeSpan.FromSeconds(40));
        // A second is little for so many lines on a busy machine; each flush is a new one.
        for (var i = 0; i < 30 && await logging.FlushAsync() is not null; i++)
            TestContext.Out.WriteLine(logging.Statistics);
        Assert.That(Server.EntryCount, Is.EqualTo(20_000));
        Ledgers.AssertBalance(logging.Statistics, 20_000, 20_000);
    }

    [Test]
    public async Task A_healthyServer_gets_everything_although_many_streams_fill_the_buffer_within_the_linger()
    {
        using var logging = Logging.FromXml($"""
            <target type="Loki" name="loki" endpoint="{Server.Url}" bufferLimitBytes="8388608" levelAs="None" overflowAction="Discard">
              <label name="part" layout="${"{event-properties:part}"}" />
            </target>
            """);
        var text = new string('x', 1000);
        for (var i = 0; i < 20_000; i++)
        {
            logging.Logger().WithProperty("part", i % 100).Info(text);
            // The pace of a busy application, so that what is tested is the linger and not the machine.
            if (i % 200 == 0)
                await Wait.UntilAsync(() => logging.Statistics.Pending < 4000, "room");
        }

        Assert.That(await logging.FlushAsync(), Is.Null);
        Ledgers.AssertBalance(logging.Statistics, 20_000, 20_000);
        Assert.That(Server.EntryCount, Is.EqualTo(20_000));
    }

    [Test]
    public async Task A_line_does_not_wait_for_a_request_of_another_stream_that_hangs()
    {
        using var logging = Logging.To(Server.Url);
        Server.Faults.Hang(true);
        logging.Logger().Info("hangs");
        await Wait.UntilAsync(() => logging.Statistics.InFlight == 1, "a hanging request");
        logging.Logger().Error("goes on");
        await Wait.UntilAsync(() => logging.Statistics.InFlight == 2, "the other stream", ceilingSeconds: 4);
        Server.Faults.Hang(false);
        Assert.That(await logging.FlushAsync(), Is.Null);
        Ledgers.AssertBalance(logging.Statistics, 2, 2);
    }

    [Category("ShutdownDown")]
    [Test]
    public void Refused_credentials_end_a_shutdown_at_once()
    {
        Server.Faults.Respond(100, 401);
        using var logging = Logging.To(Server.Url);
        logging.Logger().Info("line");
        var watch = Stopwatch.StartNew();
        logging.Factory.Shutdown();
        Assert.That(watch.Elapsed.TotalSeconds, Is.LessThan(3));
        Ledgers.AssertBalance(logging.Statistics, 1, 0, dropped: 1);
    }

    [Category("P15")]
    [Test]
    public async Task Properties_that_change_after_the_call_are_stored_as_they_were()
    {
        using var logging = Logging.To(Server.Url);
        var list = new System.Collections.Generic.List<int> { 1, 2 };
        logging.Logger().Info("list {list}", list);
        list.Add(3);
        Assert.That(await logging.FlushAsync(), Is.Null);
        var entry = Server.Entries.Single();
        Assert.That(entry.Line, Is.EqualTo("list 1, 2"));
        Assert.That(entry.Metadata["list"], Is.EqualTo("1, 2"));
    }

    [Test]
    public async Task Scope_global_and_context_properties_are_those_of_the_logging_thread()
    {
        Need(Server.Limits.MaxStructuredMetadataEntriesCount >= 8, "8 metadata entries");
        using var logging = Logging.To(Server.Url, "includeScopeProperties=\"true\" includeGdc=\"true\" excludeProperties=\"secret\"",
            "<contextproperty name=\"thread\" layout=\"${threadid}\" /><contextproperty name=\"scoped\" layout=\"${scopeproperty:till}\" />");
        GlobalDiagnosticsContext.Set("region", "eu");
        using (ScopeContext.PushProperty("till", 7))
        using (ScopeContext.PushProperty("secret", "x"))
            logging.Logger().Info("line {number}", 1);
        GlobalDiagnosticsContext.Remove("region");
        Assert.That(await logging.FlushAsync(), Is.Null);
        var metadata = Server.Entries.Single().Metadata;
        Assert.That(metadata["till"], Is.EqualTo("7"));
        Assert.That(metadata["scoped"], Is.EqualTo("7"));
        Assert.That(metadata["number"], Is.EqualTo("1"));
        Assert.That(metadata["logger"], Is.EqualTo("test"));
        Assert.That(metadata["thread"], Is.EqualTo(Environment.CurrentManagedThreadId.ToString()));
        Assert.That(metadata.Keys, Has.None.EqualTo("secret"));
    }

    [Test]
    public async Task A_json_layout_that_includes_properties_keeps_them_out_of_the_metadata()
    {
        using var logging = Logging.To(Server.Url, children: "<layout type=\"JsonLayout\" includeEventProperties=\"true\"><attribute name=\"m\" layout=\"${message}\" /></layout>");
        logging.Logger().WithProperty("number", 1).Info("line");
        Assert.That(await logging.FlushAsync(), Is.Null);
        var entry = Server.Entries.Single();
        Assert.That(entry.Line, Does.Contain("\"number\""));
        Assert.That(entry.Metadata.Keys, Has.None.EqualTo("number"));
    }

    [Test]
    public async Task Names_and_limits_are_kept_here_and_never_cost_a_refusal()
    {
        Need(Server.Limits.MaxLabelNamesPerSeries >= 15 && Server.Limits.MaxStructuredMetadataEntriesCount >= 128, "15 labels and 128 metadata entries");
        var labels = string.Concat(Enumerable.Range(0, 20).Select(i => $"<label name=\"l-{i}\" layout=\"v\" />")) + "<label name=\"long\" layout=\"${event-properties:long}\" />";
        using var logging = Logging.To(Server.Url, "maxLineBytes=\"100\" defaultLabels=\"false\"", "<label name=\"empty\" layout=\"${event-properties:none}\" />" + labels);
        var logEvent = new LogEventInfo(LogLevel.Info, "test", new string('\u00e9', 500));
        logEvent.Properties["long"] = new string('x', 5000) + "\ud800";
        logEvent.Properties["_"] = "underscore";
        logEvent.Properties["\u65e5\u672c"] = "two";
        for (var i = 0; i < 200; i++)
            logEvent.Properties["p" + i] = i;
        logging.Logger().Log(logEvent);
        Assert.That(await logging.FlushAsync(), Is.Null);
        var entry = Server.Entries.Single();
        Assert.That(Server.Pushes.Select(push => push.Status), Is.All.EqualTo(204));
        Assert.That(entry.Line, Is.EqualTo(new string('\u00e9', 50)));
        Assert.That(entry.Labels.Keys.Where(name => name != "service_name").Count(), Is.EqualTo(15));
        Assert.That(entry.Labels.Keys, Has.None.EqualTo("empty"));
        Assert.That(entry.Metadata["l_19"], Is.EqualTo("v"), "a label past the fifteenth");
        Assert.That(logging.Statistics.LinesTruncated, Is.EqualTo(1));
        Assert.That(logging.Statistics.LabelsCut, Is.GreaterThanOrEqualTo(6));
        Assert.That(logging.Statistics.MetadataCut, Is.Positive);
        Ledgers.AssertBalance(logging.Statistics, 1, 1);
    }
}
