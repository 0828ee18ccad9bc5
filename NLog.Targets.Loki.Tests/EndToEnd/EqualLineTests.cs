using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using NLog.Config;
using NLog.Targets.Loki.Testing;
using NLog.Targets.Loki.Tests.Children;
using NLog.Targets.Loki.Tests.Support;
using NUnit.Framework;

namespace NLog.Targets.Loki.Tests.EndToEnd;

/// <summary>Equal lines of equal streams are all stored, whichever target, factory or process they come from, and at the times that they were given.</summary>
public sealed class EqualLineTests(ServedBy servedBy) : EndToEndTests(servedBy)
{
    // Two processes and a server may share one busy core.
    private const string Patient = "flushTimeoutSeconds=\"60\" closeTimeoutSeconds=\"60\" requestTimeoutSeconds=\"60\"";

    private static int s_runs;

    [Test]
    public async Task Two_factories_that_log_the_same_at_the_same_times_store_both()
    {
        using var first = Logging.To(Server.Url);
        using var second = Logging.To(Server.Url);
        var start = DateTime.UtcNow.AddSeconds(-10);
        for (var i = 0; i < 200; i++)
        {
            var now = start.AddMilliseconds(20 * i);
            first.Logger().Log(At(now, "tick"));
            second.Logger().Log(At(now, "tick"));
        }

        await AssertStoredAsync(400, 200, first, second);
    }

    [Test]
    public async Task Two_factories_that_log_the_same_in_a_loop_store_both()
    {
        using var first = Logging.To(Server.Url);
        using var second = Logging.To(Server.Url);
        for (var i = 0; i < 10_000; i++)
        {
            first.Logger().Info("tick");
            second.Logger().Info("tick");
        }

        await AssertStoredAsync(20_000, 10_000, first, second);
    }

    [Test]
    public async Task Two_targets_of_one_configuration_store_what_both_loggers_log()
    {
        using var factory = new LogFactory { ThrowConfigExceptions = true };
        string Target(string name) => Logging.TargetXml(Server.Url, "defaultMetadata=\"false\"").Replace("name=\"loki\"", $"name=\"{name}\"", StringComparison.Ordinal);
        factory.Configuration = Logging.Parse(Target("lokiA") + Target("lokiB"), factory,
            "<logger name=\"A*\" writeTo=\"lokiA\" /><logger name=\"B*\" writeTo=\"lokiB\" />");
        var (a, b) = (factory.GetLogger("A.Orders"), factory.GetLogger("B.Orders"));
        for (var i = 0; i < 10_000; i++)
        {
            a.Info("the same");
            b.Info("the same");
        }

        var flushed = new TaskCompletionSource<Exception?>(TaskCreationOptions.RunContinuationsAsynchronously);
        factory.Flush(error => flushed.TrySetResult(error), TimeSpan.FromSeconds(14));
        Assert.That(await flushed.Task, Is.Null);
        Assert.That(Server.EntryCount, Is.EqualTo(20_000));
        Assert.That(Server.DuplicatesRefused, Is.Zero);
        foreach (var target in factory.Configuration!.AllTargets.OfType<LokiTarget>())
            Ledgers.AssertBalance(target.Statistics, 10_000, 10_000);
        factory.Shutdown();
    }

    [TestCase(LokiFormat.Json)]
    [TestCase(LokiFormat.Protobuf)]
    public async Task Streams_with_times_of_their_own_are_stored_at_those_times(LokiFormat format)
    {
        using var logging = Logging.To(Server.Url, $"format=\"{format}\"", "<label name=\"part\" layout=\"${logger}\" />");
        // Whole seconds that no other run of this test uses.
        var start = new DateTime(DateTime.UtcNow.Ticks / TimeSpan.TicksPerSecond * TimeSpan.TicksPerSecond, DateTimeKind.Utc)
            .AddMinutes(-40).AddSeconds(10 * Interlocked.Increment(ref s_runs));
        var wanted = new List<(string, long)>();
        for (var second = 0; second < 5; second++)
        {
            foreach (var (stream, milliseconds) in new[] { ("A", 900), ("B", 0), ("C", 300) })
            {
                var time = start.AddSeconds(second).AddMilliseconds(milliseconds);
                logging.Logger(stream).Log(At(time, "measured", stream));
                wanted.Add((stream, Tick(time)));
            }
        }

        await AssertStoredAsync(15, 15, logging);
        Assert.That(Server.Entries.Select(entry => (entry.Labels["part"], entry.TimestampNanoseconds / 100)), Is.EquivalentTo(wanted));
        Assert.That(Server.Entries.Select(entry => entry.TimestampNanoseconds % 100), Is.All.EqualTo(Environment.ProcessId % 100));
    }

    [TestCase(false)]
    [TestCase(true)]
    public async Task Ten_thousand_equal_lines_at_one_old_time_are_all_stored(bool betweenLinesOfNow)
    {
        using var logging = Logging.To(Server.Url);
        var old = DateTime.UtcNow.AddMinutes(-5);
        for (var i = 0; i < 10_000; i++)
        {
            if (!betweenLinesOfNow || i % 2 == 0)
                logging.Logger().Log(At(old, "the same"));
            else
                logging.Logger().Info("the same");
        }

        await AssertStoredAsync(10_000, 10_000, logging);
        var ofThen = Server.Entries.Count(entry => entry.TimestampNanoseconds / 100 - Tick(old) is >= 0 and < 30_000);
        Assert.That(ofThen, Is.EqualTo(betweenLinesOfNow ? 5000 : 10_000), "within three milliseconds after the time they were given");
    }

    [Test]
    public async Task Lines_at_one_old_time_keep_their_order_between_lines_of_now()
    {
        using var logging = Logging.To(Server.Url);
        var old = DateTime.UtcNow.AddMinutes(-6);
        for (var i = 0; i < 5000; i++)
        {
            logging.Logger().Log(At(old, "old " + i));
            logging.Logger().Info("now " + i);
        }

        await AssertStoredAsync(10_000, 10_000, logging);
        var lines = Server.Entries.OrderBy(entry => entry.TimestampNanoseconds).Select(entry => entry.Line).ToList();
        Assert.That(lines, Is.EqualTo(Enumerable.Range(0, 5000).Select(i => "old " + i).Concat(Enumerable.Range(0, 5000).Select(i => "now " + i))));
    }

    // The sub-tick digits are the process id modulo 100; children that share them would be the exception that is documented.
    [Test]
    public async Task Two_processes_that_log_equal_lines_at_one_time_store_all()
    {
        const int Lines = 20_000;
        var command = $"repeat {Lines} {DateTime.UtcNow.AddMinutes(-5).Ticks}";
        await using var first = Child.Start(Server.Url, Patient);
        await using var second = await StartUnlikeAsync(first);
        Assert.That(await Task.WhenAll(first.AskAsync("statistics"), second.AskAsync("statistics")), Has.All.Contain("emitted=0"), "both stand ready");
        Assert.That(await Task.WhenAll(first.AskAsync(command), second.AskAsync(command)), Is.All.EqualTo("logged"));
        Assert.That(await Task.WhenAll(first.AskAsync("shutdown"), second.AskAsync("shutdown")), Has.All.Contain("delivered=" + Lines));
        Assert.That(Server.Entries.Select(entry => (string.Join(',', entry.Labels.OrderBy(label => label.Key, StringComparer.Ordinal)), entry.Line)).Distinct().Count(), Is.EqualTo(1), "one stream");
        Assert.That(Server.EntryCount, Is.EqualTo(2 * Lines));
        Assert.That(Server.DuplicatesRefused, Is.Zero);
    }

    private async Task<Child> StartUnlikeAsync(Child first)
    {
        while (true)
        {
            var child = Child.Start(Server.Url, Patient);
            if (child.Id % 100 != first.Id % 100)
                return child;
            await child.DisposeAsync();
        }
    }

    private async Task AssertStoredAsync(int stored, int ofEach, params Logging[] loggings)
    {
        foreach (var logging in loggings)
        {
            Assert.That(await logging.FlushAsync(), Is.Null);
            Ledgers.AssertBalance(logging.Statistics, ofEach, ofEach);
        }

        Assert.That(Server.EntryCount, Is.EqualTo(stored));
        Assert.That(Server.DuplicatesRefused, Is.Zero);
    }

    private static LogEventInfo At(DateTime time, string line, string logger = "test") => new(LogLevel.Info, logger, line) { TimeStamp = time };

    private static long Tick(DateTime utc) => (utc - DateTime.UnixEpoch).Ticks;
}
