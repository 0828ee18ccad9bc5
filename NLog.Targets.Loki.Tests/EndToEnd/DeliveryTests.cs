using System;
using System.Diagnostics;
using System.Linq;
using System.Net.Http;
using System.Text.Json;
using System.Threading.Tasks;
using NLog.Targets.Loki.Testing;
using NLog.Targets.Loki.Tests.Support;
using NUnit.Framework;

namespace NLog.Targets.Loki.Tests.EndToEnd;

public sealed class DeliveryTests(ServedBy servedBy) : EndToEndTests(servedBy)
{
    [Category("P13")]
    [Test]
    public async Task Ten_thousand_equal_lines_in_a_loop_are_ten_thousand_lines_on_theServer()
    {
        using var logging = Logging.To(Server.Url);
        for (var i = 0; i < 10_000; i++)
            logging.Logger().Info("the same");
        Assert.That(await logging.FlushAsync(), Is.Null);
        Assert.That(Server.EntryCount, Is.EqualTo(10_000));
        Assert.That(Server.DuplicatesRefused, Is.Zero);
        Ledgers.AssertBalance(logging.Statistics, 10_000, 10_000);
    }

    [Category("AnswerLost")]
    [Category("N5")]
    [Category("H21")]
    [Test]
    [Category("MustHold4")]
    public async Task An_answer_lost_after_storing_is_one_resend_and_nothing_twice_in_a_query()
    {
        Server.Faults.StoreThenAbort(1);
        using var logging = Logging.To(Server.Url, "retryDelayMilliseconds=\"20\"");
        for (var i = 0; i < 100; i++)
            logging.Logger().Info("line {number}", i);
        Assert.That(await logging.FlushAsync(), Is.Null);
        Assert.That(await ReadBack.AllAsync(Server.Url, "", Server.Entries), Has.Count.EqualTo(100), "by time, stream and text");
        Assert.That(await ReadBack.CountAsync(Server.Url, "", Server.Entries), Is.EqualTo(100), "as the query shows them");
        Assert.That(Server.DuplicatesRefused, Is.EqualTo(100), "the fault fired after storing");
        Assert.That(logging.Statistics.Resent, Is.EqualTo(1));
        Assert.That(logging.Statistics.Requests, Is.EqualTo(2));
        Ledgers.AssertBalance(logging.Statistics, 100, 100);
    }

    [Test]
    public async Task A_request_repeated_after_a_lost_answer_stores_nothing_twice()
    {
        Server.Faults.StoreThenFail(1, 500);
        Server.Faults.StoreThenAbort(1);
        using var logging = Logging.To(Server.Url, "retryDelayMilliseconds=\"20\"");
        for (var i = 0; i < 100; i++)
            logging.Logger().Info("line {number}", i);
        Assert.That(await logging.FlushAsync(), Is.Null);
        Assert.That(Server.EntryCount, Is.EqualTo(100));
        Assert.That(Server.DuplicatesRefused, Is.EqualTo(200), "both faults fired after storing");
        Assert.That(logging.Statistics.Resent, Is.EqualTo(2));
        Ledgers.AssertBalance(logging.Statistics, 100, 100);
    }

    [Test]
    public async Task Thirty_thousand_lines_in_a_tight_loop_with_default_settings_drop_nothing()
    {
        using var logging = Logging.FromXml($"<target type=\"Loki\" name=\"loki\" endpoint=\"{Server.Url}\" />");
        for (var i = 0; i < 30_000; i++)
            logging.Logger().Info("line {number}", i);
        Assert.That(await logging.FlushAsync(), Is.Null);
        Assert.That(Server.EntryCount, Is.EqualTo(30_000));
        Ledgers.AssertBalance(logging.Statistics, 30_000, 30_000);
    }

    [Category("OutageShort")]
    [Test]
    public async Task AServer_that_refuses_connections_for_the_middle_third_gets_every_line_once_and_in_order()
    {
        using var logging = Logging.To(Server.Url, "retryDelayMilliseconds=\"20\" retryMaxDelayMilliseconds=\"100\" circuitBreakerThreshold=\"1000000\"");
        var loggers = new[] { logging.Logger("a"), logging.Logger("b") };
        void Log(int from, int to)
        {
            for (var i = from; i < to; i++)
                loggers[i % 2].Log(i % 3 == 0 ? LogLevel.Warn : LogLevel.Info, "line {number}", i);
        }

        Log(0, 10_000);
        await Server.WaitForEntriesAsync(10_000, TimeSpan.FromSeconds(10));
        await Server.StopAsync();
        Log(10_000, 20_000);
        await Wait.UntilAsync(() => logging.Statistics.Errors >= 3, "three refused requests");
        await Server.RestartAsync();
        Log(20_000, 30_000);
        await Server.WaitForEntriesAsync(30_000, TimeSpan.FromSeconds(20));
        Assert.That(await logging.FlushAsync(), Is.Null);
        Assert.That(Server.EntryCount, Is.EqualTo(30_000));
        foreach (var stream in Server.Entries.GroupBy(entry => entry.Labels["level"]))
        {
            var numbers = stream.OrderBy(entry => entry.TimestampNanoseconds).Select(entry => int.Parse(entry.Metadata["number"])).ToList();
            Assert.That(numbers, Is.Ordered, stream.Key);
            Assert.That(numbers, Is.Unique, stream.Key);
        }

        Ledgers.AssertBalance(logging.Statistics, 30_000, 30_000);
    }

    [Test]
    public async Task Url_and_application_from_the_environment_are_enough_and_give_the_default_labels()
    {
        var before = Environment.GetEnvironmentVariable("LOKI_URL");
        Environment.SetEnvironmentVariable("LOKI_URL", Server.Url.ToString());
        Environment.SetEnvironmentVariable("LOKI_APPLICATION", "shop");
        try
        {
            using var logging = Logging.FromXml("<target type=\"Loki\" name=\"loki\" />");
            logging.Logger().Error("hello");
            Assert.That(await logging.FlushAsync(), Is.Null);
            var labels = Server.Entries.Single().Labels;
            Assert.That(labels["service_name"], Is.EqualTo("shop"));
            Assert.That(labels["level"], Is.EqualTo("error"));
            Assert.That(labels["instance"], Is.EqualTo(Environment.MachineName));
            Assert.That(labels.Keys, Is.EquivalentTo(new[] { "service_name", "level", "instance" }));
        }
        finally
        {
            Environment.SetEnvironmentVariable("LOKI_URL", before);
            Environment.SetEnvironmentVariable("LOKI_APPLICATION", null);
        }
    }

    [Test]
    public async Task A_timestamp_that_the_application_set_is_stored_to_the_tick()
    {
        using var logging = Logging.To(Server.Url);
        var set = DateTime.UtcNow.AddMinutes(-5);
        logging.Logger().Info("now");
        logging.Logger().Log(new LogEventInfo(LogLevel.Info, "test", "then") { TimeStamp = set });
        logging.Logger().Log(new LogEventInfo(LogLevel.Info, "test", "then, in local time") { TimeStamp = set.AddTicks(10).ToLocalTime() });
        Assert.That(await logging.FlushAsync(), Is.Null);
        var expected = (set - DateTime.UnixEpoch).Ticks;
        Assert.That(Server.Entries.Single(entry => entry.Line == "then").TimestampNanoseconds / 100, Is.EqualTo(expected));
        Assert.That(Server.Entries.Single(entry => entry.Line == "then, in local time").TimestampNanoseconds / 100, Is.EqualTo(expected + 10));
    }

    [Test]
    public async Task A_clock_that_steps_back_an_hour_loses_nothing_and_keeps_the_order_of_each_side()
    {
        Need(Server.Limits.OutOfOrderWindow >= TimeSpan.FromHours(1), "an out-of-order window of an hour (max_chunk_age: 2h)");
        using var logging = Logging.To(Server.Url);
        var now = DateTime.UtcNow;
        Log(logging, now, 0, 500);
        Log(logging, now.AddHours(-1).AddSeconds(2), 500, 1000);
        Assert.That(await logging.FlushAsync(), Is.Null);
        AssertOrdered(0, 500);
        AssertOrdered(500, 1000);
        Ledgers.AssertBalance(logging.Statistics, 1000, 1000);
    }

    [Test]
    public async Task A_clock_that_steps_forward_two_days_and_back_loses_nothing()
    {
        // A server that takes times two days ahead; what is tested is that none is merged or reordered by us.
        await using var server = await LokiTestServer.StartAsync(new LokiTestServerOptions { Limits = new LokiLimits { CreationGracePeriod = TimeSpan.FromDays(3), OutOfOrderWindow = TimeSpan.FromDays(7) } });
        using var logging = Logging.To(server.Url);
        var now = DateTime.UtcNow;
        Log(logging, now, 0, 300);
        Log(logging, now.AddDays(2), 300, 600);
        Log(logging, now.AddSeconds(1), 600, 900);
        Assert.That(await logging.FlushAsync(), Is.Null);
        Assert.That(server.Entries.Select(entry => entry.Metadata["number"]).Distinct().Count(), Is.EqualTo(900));
        var numbers = server.Entries.OrderBy(entry => entry.TimestampNanoseconds).Select(entry => int.Parse(entry.Metadata["number"])).ToList();
        Assert.That(numbers, Is.EqualTo(Enumerable.Range(0, 300).Concat(Enumerable.Range(600, 300)).Concat(Enumerable.Range(300, 300))));
        Ledgers.AssertBalance(logging.Statistics, 900, 900);
    }

    [Test]
    public async Task At_twenty_thousand_events_a_second_the_median_request_is_full_or_waited_the_whole_linger()
    {
        using var logging = Logging.FromXml($"<target type=\"Loki\" name=\"loki\" endpoint=\"{Server.Url}\" levelAs=\"Metadata\" />");
        var logger = logging.Logger();
        var watch = Stopwatch.StartNew();
        var sent = 0;
        while (watch.Elapsed < TimeSpan.FromSeconds(4))
        {
            var due = (int)(watch.Elapsed.TotalSeconds * 20_000);
            for (; sent < due; sent++)
                logger.Info("an ordinary line of an application, number {number}", sent);
            await Task.Yield();
        }

        // What the shutdown sends early is not what the linger decides.
        var pushes = Server.Pushes.ToList();
        var full = pushes.Count(push => push.EntryCount >= 9_000 || push.UncompressedBytes >= 0.9 * 1_048_576);
        TestContext.Out.WriteLine($"{sent} events, requests of {string.Join(", ", pushes.Select(push => push.EntryCount))} entries");
        Assert.That(pushes, Is.Not.Empty);
        Assert.That(full, Is.GreaterThan(pushes.Count / 2));
    }

    [Test]
    public async Task Shutdown_delivers_a_thousand_streams_to_aServer_that_takes_a_tenth_of_a_second()
    {
        Server.Faults.Delay = TimeSpan.FromMilliseconds(100);
        using var logging = Logging.FromXml($"""
            <target type="Loki" name="loki" endpoint="{Server.Url}"><label name="part" layout="$${"{event-properties:part}"}" /></target>
            """.Replace("$$", "$", StringComparison.Ordinal));
        for (var i = 0; i < 3000; i++)
            logging.Logger().WithProperty("part", i % 1000).Info("line");
        var watch = Stopwatch.StartNew();
        logging.Factory.Shutdown();
        TestContext.Out.WriteLine($"shutdown took {watch.Elapsed.TotalSeconds:F1} s");
        Assert.That(Server.EntryCount, Is.EqualTo(3000));
        Ledgers.AssertBalance(logging.Statistics, 3000, 3000);
    }

    [Test]
    public async Task The_readme_configuration_of_the_existing_client_loads_and_its_query_finds_the_line()
    {
        var xml = ExistingClient.Configuration.Replace("http://proxy:8888", Server.Url.ToString().TrimEnd('/'), StringComparison.Ordinal);
        using var factory = new LogFactory { ThrowConfigExceptions = true };
        factory.Configuration = NLog.Config.XmlLoggingConfiguration.CreateFromXmlString(xml, factory);
        var target = factory.Configuration.AllTargets.OfType<LokiTarget>().Single();
        factory.GetLogger("jobs").WithProperty("JobName", "A").Info("started");
        factory.GetLogger("jobs").WithProperty("JobName", "B").Info("started");
        factory.Shutdown();
        Ledgers.AssertBalance(target.Statistics, 2, 2);
        var push = Server.Pushes.First();
        Assert.That(push.Headers.Single(header => header.Key.Equals("Authorization", StringComparison.OrdinalIgnoreCase)).Value,
            Is.EqualTo("Basic " + Convert.ToBase64String("myusername:secret"u8.ToArray())));
        Assert.That(push.Headers.Keys, Has.None.EqualTo("Content-Encoding").IgnoreCase);

        using var http = new HttpClient();
        var query = Uri.EscapeDataString("{app=\"my-app-name\"} | json | JobName=\"A\"");
        var json = await http.GetStringAsync(new Uri(Server.Url, "/loki/api/v1/query_range?query=" + query));
        using var answer = JsonDocument.Parse(json);
        var lines = answer.RootElement.GetProperty("data").GetProperty("result").EnumerateArray()
            .SelectMany(stream => stream.GetProperty("values").EnumerateArray()).Select(value => value[1].GetString()!).ToList();
        Assert.That(lines, Has.Count.EqualTo(1));
        Assert.That(lines[0], Does.Contain("\"JobName\":\"A\"").Or.Contain("\"JobName\": \"A\""));
    }

    private static void Log(Logging logging, DateTime start, int from, int to)
    {
        for (var i = from; i < to; i++)
        {
            var logEvent = new LogEventInfo(LogLevel.Info, "test", "line") { TimeStamp = start.AddTicks((i - from) / 10) };
            logEvent.Properties["number"] = i;
            logging.Logger().Log(logEvent);
        }
    }

    private void AssertOrdered(int from, int to)
    {
        var numbers = Server.Entries.OrderBy(entry => entry.TimestampNanoseconds)
            .Select(entry => int.Parse(entry.Metadata["number"])).Where(number => number >= from && number < to);
        Assert.That(numbers, Is.EqualTo(Enumerable.Range(from, to - from)));
    }
}
