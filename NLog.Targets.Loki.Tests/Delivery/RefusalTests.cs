using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Linq;
using System.Net;
using System.Net.Http;
using System.Text.Json;
using System.Threading.Tasks;
using NLog.Targets.Loki.Tests.Support;
using NUnit.Framework;
using RichardSzalay.MockHttp;

namespace NLog.Targets.Loki.Tests.Delivery;

/// <summary>What becomes of the entries around one that Loki does not take.</summary>
public sealed class RefusalTests
{
    private const string Unknown = "something is wrong";

    private readonly ConcurrentQueue<string> _stored = new();
    private int _requests;

    [Category("Answer400")]
    [Category("H8")]
    [Test]
    public async Task One_bad_entry_among_a_thousand_costs_twenty_requests_and_none_of_its_neighbours()
    {
        using var http = Server(entries => entries.Any(IsBad) ? Text(HttpStatusCode.BadRequest, Unknown) : null);
        using var logging = Logging.With(Target(http));
        for (var i = 0; i < 1000; i++)
            logging.Logger().Info(i == 377 ? "bad" : "line " + i);
        Assert.That((await logging.FlushAsync())?.ToString(), Does.Contain("1 entries are not delivered"));
        Assert.That(_stored, Is.EqualTo(Enumerable.Range(0, 1000).Where(i => i != 377).Select(i => "line " + i)), "in their order");
        Assert.That(_requests - 1, Is.LessThanOrEqualTo(21));
        Assert.That(logging.Statistics.CountOf(LokiDropReason.Rejected), Is.EqualTo(1));
        Ledgers.AssertBalance(logging.Statistics, 1000, 999, rejected: 1);
    }

    [Category("Answer400")]
    [Category("H10")]
    [Test]
    public async Task A_server_that_refuses_everything_gets_some_twenty_requests_and_then_one_in_half_a_minute()
    {
        var time = new ManualTime();
        using var http = Server(_ => Text(HttpStatusCode.BadRequest, Unknown));
        using var logging = Logging.With(Target(http, time));
        for (var i = 0; i < 1000; i++)
            logging.Logger("a").Info("line");
        await time.AdvanceAsync(logging, TimeSpan.FromSeconds(20), TimeSpan.FromMilliseconds(50));
        var stormed = _requests;
        Assert.That(stormed, Is.InRange(8, 30));
        for (var minute = 0; minute < 10; minute++)
        {
            logging.Logger("a").Info("line");
            await time.AdvanceAsync(logging, TimeSpan.FromMinutes(1), TimeSpan.FromSeconds(5));
        }

        Assert.That(_requests - stormed, Is.InRange(2, 20), "one in half a minute, as long as there is something to send");
        var statistics = logging.Statistics;
        Assert.That(statistics.CountOf(LokiDropReason.Rejected), Is.EqualTo(statistics.Rejected));
        Ledgers.AssertBalance(statistics, 1010, 0, rejected: statistics.Rejected, pending: statistics.Pending);
    }

    [Category("AnswerNoMetadata")]
    [Test]
    public async Task Where_metadata_is_switched_off_lines_arrive_without_it_and_with_it_again_an_hour_later()
    {
        var time = new ManualTime();
        var allowed = false;
        var metadata = new ConcurrentQueue<bool>();
        using var http = Server(entries =>
        {
            if (!allowed && entries.Any(entry => entry.GetArrayLength() == 3))
                return Text(HttpStatusCode.BadRequest, "stream '{}' includes structured metadata, but this feature is disallowed. Please see `limits_config.allow_structured_metadata` or contact your Loki administrator to enable it");
            foreach (var entry in entries)
                metadata.Enqueue(entry.GetArrayLength() == 3);
            return null;
        });
        using var logging = Logging.With(Target(http, time));
        async Task Log(string line)
        {
            logging.Logger().Info(line + " [{user:l}] \" \\ \n", "ada");
            var before = logging.Statistics.Delivered;
            await time.AdvanceUntilAsync(logging, () => logging.Statistics.Delivered > before, TimeSpan.FromMilliseconds(10), TimeSpan.FromMinutes(5), line);
        }

        await Log("first");
        Assert.That(_requests, Is.EqualTo(2), "refused once, sent once more");
        await Log("second");
        Assert.That(_requests, Is.EqualTo(3), "not even tried with metadata");
        Assert.That(logging.Statistics.MetadataCut, Is.EqualTo(2));
        allowed = true;
        time.Advance(TimeSpan.FromHours(1));
        await Log("third");
        Assert.That(metadata, Is.EqualTo(new[] { false, false, true }));
        Assert.That(_stored, Is.EqualTo(new[] { "first", "second", "third" }.Select(line => line + " [ada] \" \\ \n")));
        Ledgers.AssertBalance(logging.Statistics, 3, 3);
    }

    [Category("AnswerPoison")]
    [Test]
    public async Task An_entry_that_breaks_the_server_is_found_and_named_while_its_neighbours_and_other_streams_pass()
    {
        var time = new ManualTime();
        using var http = Server(entries => entries.Any(IsBad) ? Text(HttpStatusCode.InternalServerError, "error while processing request: boom") : null);
        using var logging = Logging.With(Target(http, time));
        for (var i = 0; i < 100; i++)
            logging.Logger().Warn(i == 60 ? "bad" : "line " + i);
        var others = 0;
        await time.AdvanceUntilAsync(
            logging,
            () =>
            {
                logging.Logger().Info("other " + others++);
                return logging.Statistics.CountOf(LokiDropReason.Poison) == 1;
            },
            TimeSpan.FromMilliseconds(100), TimeSpan.FromMinutes(10), "the poison");
        await time.AdvanceUntilAsync(logging, () => logging.Statistics.Pending == 0, TimeSpan.FromMilliseconds(100), TimeSpan.FromMinutes(10), "the rest");
        Assert.That(_stored.Where(line => line.StartsWith("line", StringComparison.Ordinal)), Is.EqualTo(Enumerable.Range(0, 100).Where(i => i != 60).Select(i => "line " + i)));
        Assert.That(_stored.Count(line => line.StartsWith("other", StringComparison.Ordinal)), Is.EqualTo(others));
        Ledgers.AssertBalance(logging.Statistics, 100 + others, 99 + others, rejected: 1);
    }

    [Category("AnswerTooLarge")]
    [Category("H12")]
    [Test]
    public async Task A_gateways_limit_is_learned_once_and_forgotten_after_ten_minutes()
    {
        var time = new ManualTime();
        var refused = 0;
        var sizes = new ConcurrentQueue<long>();
        using var http = new MockHttpMessageHandler();
        http.When("*").Respond(async request =>
        {
            var body = await request.Content!.ReadAsByteArrayAsync();
            if (body.Length > 20_000 && ++refused > 0)
                return new HttpResponseMessage(HttpStatusCode.RequestEntityTooLarge);
            sizes.Enqueue(body.Length);
            return new HttpResponseMessage(HttpStatusCode.NoContent);
        });
        var target = Target(http, time);
        target.MaxBatchBytes = 64_000;
        using var logging = Logging.With(target);
        async Task Log()
        {
            var end = logging.Statistics.Emitted + 2000;
            for (var i = 0; i < 2000; i++)
                logging.Logger().Info("a line of an application with some length " + i);
            await time.AdvanceUntilAsync(logging, () => logging.Statistics.Delivered == end, TimeSpan.FromMilliseconds(20), TimeSpan.FromMinutes(1), "2000 lines");
        }

        await Log();
        var learning = refused;
        Assert.That(learning, Is.GreaterThan(1));
        await Log();
        Assert.That(refused, Is.EqualTo(learning), "batches are made to fit");
        time.Advance(TimeSpan.FromMinutes(11));
        await Log();
        Assert.That(refused, Is.GreaterThan(learning), "tried again with the configured size");
        Ledgers.AssertBalance(logging.Statistics, 6000, 6000);
    }

    [Test]
    public async Task Many_streams_behind_a_gateway_with_a_small_limit_lose_nothing()
    {
        var time = new ManualTime();
        var refused = 0;
        var stored = 0;
        using var http = new MockHttpMessageHandler();
        http.When("*").Respond(async request =>
        {
            var body = await request.Content!.ReadAsByteArrayAsync();
            if (body.Length > 10_000)
            {
                System.Threading.Interlocked.Increment(ref refused);
                return new HttpResponseMessage(HttpStatusCode.RequestEntityTooLarge);
            }

            using var json = JsonDocument.Parse(body);
            System.Threading.Interlocked.Add(ref stored, json.RootElement.GetProperty("streams")[0].GetProperty("values").GetArrayLength());
            return new HttpResponseMessage(HttpStatusCode.NoContent);
        });
        var target = Target(http, time);
        target.Labels.Add(new LokiLabel("part", "${event-properties:part}"));
        target.TaskDelayMilliseconds = 10_000;
        using var logging = Logging.With(target);
        for (var i = 0; i < 12_000; i++)
            logging.Logger().WithProperty("part", i % 40).Info("a line of an application with some length and a number " + i);
        await Wait.UntilAsync(logging.IsIdle, "the lines in the buffer");
        var flushed = logging.FlushAsync();
        await time.AdvanceUntilAsync(logging, () => logging.Statistics.Pending == 0, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(2), "the gateway has taken everything");
        Assert.That(await flushed, Is.Null);
        Assert.That(stored, Is.EqualTo(12_000));
        Assert.That(refused, Is.InRange(1, 100), "the limit is learned once, not by every stream at every size");
        Ledgers.AssertBalance(logging.Statistics, 12_000, 12_000);
    }

    [Test]
    public async Task Rates_do_not_count_towards_poison_and_a_burst_smaller_than_a_batch_is_met_by_halves()
    {
        var time = new ManualTime();
        var answers = 0;
        using var http = Server(entries =>
            entries.Count > 5 && answers < 20 && ++answers > 0 ? Text(HttpStatusCode.TooManyRequests, "ingestion rate limit exceeded for user x")
            : entries.Count <= 5 && answers == 20 && ++answers > 0 ? Text(HttpStatusCode.ServiceUnavailable, "restarting") : null);
        using var logging = Logging.With(Target(http, time));
        for (var i = 0; i < 40; i++)
            logging.Logger().Info("line " + i);
        await time.AdvanceUntilAsync(logging, () => logging.Statistics.Pending == 0, TimeSpan.FromMilliseconds(100), TimeSpan.FromMinutes(30), "everything delivered");
        Assert.That(_stored, Is.EqualTo(Enumerable.Range(0, 40).Select(i => "line " + i)));
        Ledgers.AssertBalance(logging.Statistics, 40, 40);
    }

    private static bool IsBad(JsonElement entry) => entry[1].GetString() == "bad";

    private static HttpResponseMessage Text(HttpStatusCode status, string text) => new(status) { Content = new StringContent(text) };

    private static LokiTarget Target(HttpMessageHandler http, TimeProvider? time = null) => new(time ?? TimeProvider.System, () => 0.5, http)
    {
        Name = "loki",
        Endpoint = "http://loki.test",
        TaskDelayMilliseconds = 10,
        CompressionLevel = System.IO.Compression.CompressionLevel.NoCompression,
        RetryDelayMilliseconds = 10,
        Diagnostics = LokiDiagnostics.None,
        FlushTimeoutSeconds = 20,
    };

    // Stores all entries of a request, or none where the rule has an answer of its own.
    private MockHttpMessageHandler Server(Func<IReadOnlyList<JsonElement>, HttpResponseMessage?> rule)
    {
        _stored.Clear();
        _requests = 0;
        var http = new MockHttpMessageHandler();
        http.When("*").Respond(async request =>
        {
            using var json = JsonDocument.Parse(await request.Content!.ReadAsByteArrayAsync());
            var entries = json.RootElement.GetProperty("streams")[0].GetProperty("values").EnumerateArray().ToList();
            System.Threading.Interlocked.Increment(ref _requests);
            if (rule(entries) is { } refusal)
                return refusal;
            foreach (var entry in entries)
                _stored.Enqueue(entry[1].GetString()!);
            return new HttpResponseMessage(HttpStatusCode.NoContent);
        });
        return http;
    }
}
