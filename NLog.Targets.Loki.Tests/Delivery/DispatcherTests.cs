using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Linq;
using System.Net;
using System.Net.Http;
using System.Threading.Tasks;
using Microsoft.Extensions.Diagnostics.Metrics.Testing;
using NLog.Targets.Loki.Tests.Support;
using NUnit.Framework;
using RichardSzalay.MockHttp;

namespace NLog.Targets.Loki.Tests.Delivery;

public sealed class DispatcherTests
{
    [Category("Answer429")]
    [Test]
    public async Task A_rate_limit_is_repeated_with_the_same_bytes()
    {
        var bodies = new ConcurrentQueue<byte[]>();
        using var http = Answer(bodies, HttpStatusCode.TooManyRequests, HttpStatusCode.NoContent);
        using var logging = Logging.With(Target(http));
        logging.Logger().Info("line");
        Assert.That(await logging.FlushAsync(), Is.Null);
        Assert.That(bodies, Has.Count.EqualTo(2));
        Assert.That(bodies.First(), Is.EqualTo(bodies.Last()));
        Ledgers.AssertBalance(logging.Statistics, 1, 1);
        Assert.That(logging.Statistics.Resent, Is.EqualTo(1));
    }

    [Category("AnswerTooLarge")]
    [Test]
    public async Task A_batch_that_is_too_large_is_halved_until_it_fits_and_keeps_its_order()
    {
        var bodies = new ConcurrentQueue<byte[]>();
        using var http = new MockHttpMessageHandler();
        http.When("*").Respond(async request =>
        {
            var body = await request.Content!.ReadAsByteArrayAsync();
            if (body.Length > 2000)
                return new HttpResponseMessage(HttpStatusCode.RequestEntityTooLarge);
            bodies.Enqueue(body);
            return new HttpResponseMessage(HttpStatusCode.NoContent);
        });
        using var logging = Logging.With(Target(http));
        for (var i = 0; i < 101; i++)
            logging.Logger().Info("line \"{number}\" \u00e9\ud83d\ude00", i);
        Assert.That(await logging.FlushAsync(), Is.Null);
        var lines = bodies.SelectMany(body =>
        {
            using var json = System.Text.Json.JsonDocument.Parse(body);
            return json.RootElement.GetProperty("streams").EnumerateArray().Single().GetProperty("values").EnumerateArray().Select(value => value[1].GetString()).ToList();
        });
        Assert.That(lines, Is.EqualTo(Enumerable.Range(0, 101).Select(i => $"line \"{i}\" \u00e9\ud83d\ude00")));
        Ledgers.AssertBalance(logging.Statistics, 101, 101);
    }

    [Category("AnswerTooLarge")]
    [Test]
    public async Task A_single_entry_that_is_too_large_is_dropped_by_name()
    {
        using var http = Answer(new(), HttpStatusCode.RequestEntityTooLarge, HttpStatusCode.NoContent);
        using var logging = Logging.With(Target(http));
        logging.Logger().Info("line");
        Assert.That((await logging.FlushAsync())?.ToString(), Does.Contain("1 entries are not delivered"));
        Assert.That(logging.Statistics.CountOf(LokiDropReason.OversizeEntry), Is.EqualTo(1));
        Ledgers.AssertBalance(logging.Statistics, 1, 0, dropped: 1);
    }

    [Category("AnswerCredentials")]
    [Category("S2")]
    [Category("H13")]
    [Category("R2")]
    [Test]
    public async Task A_refused_token_is_read_again_and_the_events_wait()
    {
        var name = "LOKI_TEST_TOKEN_" + Guid.NewGuid().ToString("N");
        Environment.SetEnvironmentVariable(name, "old");
        var seen = new ConcurrentQueue<string>();
        using var http = new MockHttpMessageHandler();
        http.When("*").Respond(request =>
        {
            var token = request.Headers.Authorization!.ToString();
            seen.Enqueue(token);
            Environment.SetEnvironmentVariable(name, "new");
            return new HttpResponseMessage(token == "Bearer new" ? HttpStatusCode.NoContent : HttpStatusCode.Unauthorized);
        });
        var target = Target(http);
        target.BearerToken = "${environment:" + name + "}";
        using var logging = Logging.With(target);
        logging.Logger().Info("line");
        await logging.FlushAsync();
        Assert.That(await logging.FlushAsync(), Is.Null);
        Assert.That(seen, Is.EqualTo(new[] { "Bearer old", "Bearer new" }));
        Ledgers.AssertBalance(logging.Statistics, 1, 1);
        Environment.SetEnvironmentVariable(name, null);
    }

    [Category("BufferFull")]
    [Test]
    public async Task A_full_buffer_drops_the_oldest_entries_and_counts_them()
    {
        using var http = Answer(new(), HttpStatusCode.ServiceUnavailable);
        var target = Target(http);
        target.BufferLimitBytes = 65_536;
        target.MaxBatchBytes = 4096;
        target.RetryDelayMilliseconds = 60_000;
        using var logging = Logging.With(target);
        for (var i = 0; i < 2000; i++)
            logging.Logger().Info("a line of an application with some length {number}", i);
        await logging.FlushAsync();
        var statistics = logging.Statistics;
        Assert.That(statistics.CountOf(LokiDropReason.BufferFull), Is.GreaterThan(500));
        Assert.That(statistics.Pending, Is.GreaterThan(100));
        Ledgers.AssertBalance(statistics, 2000, 0, dropped: 2000 - statistics.Pending, pending: statistics.Pending);
    }

    [Category("Block")]
    [Category("Q2")]
    [Test]
    public async Task Block_holds_the_application_back_and_drops_nothing()
    {
        var open = new TaskCompletionSource();
        var stored = 0;
        using var http = new MockHttpMessageHandler();
        http.When("*").Respond(async request =>
        {
            await open.Task;
            using var json = System.Text.Json.JsonDocument.Parse(await request.Content!.ReadAsByteArrayAsync());
            System.Threading.Interlocked.Add(ref stored, json.RootElement.GetProperty("streams")[0].GetProperty("values").GetArrayLength());
            return new HttpResponseMessage(HttpStatusCode.NoContent);
        });
        var target = Target(http);
        target.BufferLimitBytes = 65_536;
        target.MaxBatchBytes = 8192;
        target.QueueLimit = 1000;
        target.OverflowAction = Wrappers.AsyncTargetWrapperOverflowAction.Block;
        using var logging = Logging.With(target);
        var writer = Task.Factory.StartNew(
            () =>
            {
                for (var i = 0; i < 10_000; i++)
                    logging.Logger().Info("a line of an application {number}", i);
            },
            TaskCreationOptions.LongRunning);
        await Wait.UntilAsync(() => logging.Statistics.Buffered + logging.Statistics.InFlight > 200, "a full buffer");
        Assert.That(writer.IsCompleted, Is.False);
        open.SetResult();
        await writer.WaitAsync(TimeSpan.FromSeconds(20));
        Assert.That(await logging.FlushAsync(), Is.Null);
        Assert.That(stored, Is.EqualTo(10_000));
        Ledgers.AssertBalance(logging.Statistics, 10_000, 10_000);
    }

    [Test]
    public async Task Hand_overs_never_overlap()
    {
        using var http = Answer(new(), HttpStatusCode.NoContent);
        using var logging = Logging.With(Target(http));
        var writers = Enumerable.Range(0, 4).Select(_ => Task.Run(() =>
        {
            for (var i = 0; i < 5000; i++)
                logging.Logger().Info("line");
        }));
        await Task.WhenAll(writers);
        await logging.FlushAsync();
        Assert.That(logging.Target.MostHandOvers, Is.EqualTo(1));
    }

    [Test]
    public async Task Variables_and_the_renderer_show_the_counters_live()
    {
        using var http = Answer(new(), HttpStatusCode.NoContent);
        using var logging = Logging.With(Target(http));
        var variables = logging.Factory.Configuration!.Variables;
        Assert.That(variables["loki-sent"].Render(LogEventInfo.CreateNullEvent()), Is.EqualTo("0"));
        logging.Logger().Info("line");
        await logging.FlushAsync();
        foreach (var (name, value) in new[] { ("sent", "1"), ("errors", "0"), ("dropped", "0"), ("pending", "0"), ("retrying", "0"), ("flushes", "1") })
            Assert.That(variables["loki-" + name].ToString(), Is.EqualTo(value), name);
    }

    [Test]
    public async Task The_meter_shows_delivered_entries_and_every_reason_by_target()
    {
        using var http = Answer(new(), HttpStatusCode.NoContent);
        var target = Target(http);
        target.Name = "metered";
        using var logging = Logging.With(target);
        logging.Logger().Info("line");
        await logging.FlushAsync();
        Assert.That(Measure("nlog.loki.emitted", "metered").Single().Value, Is.EqualTo(1));
        Assert.That(Measure("nlog.loki.delivered", "metered").Single().Value, Is.EqualTo(1));
        Assert.That(Measure("nlog.loki.pending", "metered").Single().Value, Is.Zero);
        var lost = Measure("nlog.loki.lost", "metered").ToDictionary(measurement => measurement.Tags["reason"]!, measurement => measurement.Value);
        Assert.That(lost["queue_full"], Is.Zero);
        Assert.That(lost, Has.Count.EqualTo(Enum.GetValues<LokiDropReason>().Length));
    }

    private static IEnumerable<CollectedMeasurement<long>> Measure(string instrument, string target)
    {
        using var collector = new MetricCollector<long>(null, "NLog.Targets.Loki", instrument);
        collector.RecordObservableInstruments();
        return collector.GetMeasurementSnapshot().Where(measurement => Equals(measurement.Tags["target"], target));
    }

    private static LokiTarget Target(MockHttpMessageHandler http) =>
        new(TimeProvider.System, () => 0, http)
        {
            Name = "loki",
            Endpoint = "http://localhost:1",
            TaskDelayMilliseconds = 20,
            RetryDelayMilliseconds = 10,
            CompressionLevel = System.IO.Compression.CompressionLevel.NoCompression,
        };

    /// <summary>Answers with the statuses in turn, the last one for ever, and keeps copies of the bodies.</summary>
    private static MockHttpMessageHandler Answer(ConcurrentQueue<byte[]> bodies, params HttpStatusCode[] statuses)
    {
        var asked = -1;
        var http = new MockHttpMessageHandler();
        http.When("*").Respond(async request =>
        {
            bodies.Enqueue(await request.Content!.ReadAsByteArrayAsync());
            return new HttpResponseMessage(statuses[Math.Min(System.Threading.Interlocked.Increment(ref asked), statuses.Length - 1)]);
        });
        return http;
    }
}
