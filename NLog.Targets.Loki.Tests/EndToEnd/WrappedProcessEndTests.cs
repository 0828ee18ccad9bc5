using System;
using System.Diagnostics;
using System.Globalization;
using System.Linq;
using System.Text.RegularExpressions;
using System.Threading.Tasks;
using NLog.Targets.Loki.Testing;
using NLog.Targets.Loki.Tests.Children;
using NLog.Targets.Loki.Tests.Support;
using NUnit.Framework;

namespace NLog.Targets.Loki.Tests.EndToEnd;

/// <summary>What a wrapper still holds when a process ends, in whatever way, arrives as what the target itself holds; and no end waits longer than it may.</summary>
[Category("LifeCycle")]
[Category("Exit")]
[FixtureLifeCycle(NUnit.Framework.LifeCycle.InstancePerTestCase)]
[Parallelizable(ParallelScope.Children)]
public sealed class WrappedProcessEndTests : ServerTests
{
    // What a start of the runtime's own end, and a busy machine, may take besides.
    private const double Slack = 8;

    private const string Endless = "flushTimeoutSeconds=\"300\" closeTimeoutSeconds=\"300\" requestTimeoutSeconds=\"300\"";

    [TestCase("return")]
    [TestCase("exit")]
#if !NETSTANDARD_ASSET
    [TestCase("SIGTERM")]
    [TestCase("SIGINT")]
#endif
    public async Task What_NLogs_fluent_buffering_holds_arrives(string ending)
    {
        var end = await EndAsync([ConfiguredApplication.Fluent + Server.Url], ending, "log 50");
        Assert.That(Server.EntryCount, Is.EqualTo(50), end.Errors);
        Assert.That(end.Errors, Is.Empty);
    }

    [TestCase("return", 150)]
    [TestCase("return", 3000)]
    [TestCase("exit", 150)]
    [TestCase("exit", 3000)]
#if !NETSTANDARD_ASSET
    [TestCase("SIGTERM", 150)]
    [TestCase("SIGTERM", 3000)]
    [TestCase("SIGINT", 3000)]
#endif
    public async Task What_an_unhurried_queue_in_front_holds_arrives(string ending, int lines)
    {
        // The process is quicker than the shorter pause when it ends itself; a signal may take longer.
        var pause = ending == "return" ? 50 : 60_000;
        var target = Configurations.Around("AsyncWrapper", $"timeToSleepBetweenBatches=\"{pause}\" batchSize=\"200\"", Configurations.Loki(Server.Url));
        var end = await EndAsync([Configurations.WritingTo(target)], ending, "log " + lines);
        Assert.That(Server.EntryCount, Is.EqualTo(lines), end.Errors);
        Assert.That(end.Errors, Is.Empty);
    }

#if !NETSTANDARD_ASSET
    [Platform("Unix")]
    [Test]
    public async Task A_program_that_is_interrupted_delivers_what_it_has_logged()
    {
        var end = await EndAsync([Configurations.WritingTo(Configurations.Loki(Server.Url, "taskDelayMilliseconds=\"600000\""))], "SIGINT", "log 5000");
        Assert.That(Server.EntryCount, Is.EqualTo(5000), end.Errors);
        Assert.That(end.Errors, Is.Empty);
    }

    [Platform("Unix")]
    [TestCase("SIGTERM", "host")]
    [TestCase("SIGINT", "host")]
    [TestCase("SIGINT", "keys")]
    public async Task A_host_that_takes_the_signal_is_not_disturbed(string signal, string host)
    {
        await using var child = Child.Configured([Configurations.WritingTo(Configurations.Loki(Server.Url, "taskDelayMilliseconds=\"600000\""))], "watch", "start", host);
        await child.AskAsync("log 100");
        await SignalAsync(child, signal, times: 2);
        Assert.That(await child.AskAsync("statistics"), Does.Contain("requests=0 "), "when it flushes is the host's affair");
        Assert.That(Server.PushCount, Is.Zero);
        await GoesOnAsync(child, 100);
    }

    [Platform("Unix")]
    [TestCase("SIGTERM", "host")]
    [TestCase("SIGINT", "host")]
    [TestCase("SIGINT", "keys")]
    public async Task A_host_that_listens_since_before_the_logging_goes_on_logging(string signal, string host)
    {
        await using var child = Child.Configured([Configurations.WritingTo(Configurations.Loki(Server.Url, "taskDelayMilliseconds=\"600000\""))], "watch", host, "start");
        await child.AskAsync("log 100");
        await SignalAsync(child, signal, times: 2);
        await GoesOnAsync(child, 100);
    }
#endif

    [TestCase("hold")]
    [TestCase("stick")]
    public async Task An_end_while_a_thread_holds_NLogs_configuration_lock_keeps_to_its_deadline_and_delivers(string command)
    {
        var configuration = Configurations.WritingTo(
            Configurations.Loki(Server.Url, "closeTimeoutSeconds=\"3\" flushTimeoutSeconds=\"300\""), "<target type=\"Stuck\" name=\"stuck\" />");
        await using var child = Child.Configured([configuration], "start");
        await child.AskAsync(command);
        await child.AskAsync("log 50");
        var watch = Stopwatch.StartNew();
        var end = await child.EndAsync();
        Assert.That(watch.Elapsed.TotalSeconds, Is.LessThan(3 + Slack), end.Errors);
        Assert.That(end.ExitCode, Is.Zero);
        Assert.That(Server.EntryCount, Is.EqualTo(50), end.Errors);
    }

    [TestCase("return")]
#if !NETSTANDARD_ASSET
    [TestCase("SIGTERM")]
#endif
    public async Task One_of_two_factories_that_hangs_holds_the_other_up_no_longer_than_the_deadline_of_both(string ending)
    {
        await using var well = await LokiTestServer.StartAsync();
        Server.Faults.Hang(true);
        const string Deadlines = "closeTimeoutSeconds=\"2\" flushTimeoutSeconds=\"300\" requestTimeoutSeconds=\"300\"";
        string Buffered(Uri url) => Configurations.WritingTo(Configurations.Around("BufferingWrapper", "bufferSize=\"1000\"", Configurations.Loki(url, Deadlines)));
        await using var child = Child.Configured([Buffered(Server.Url), Buffered(well.Url)], "log 50");
        await child.AskAsync("statistics");
        var watch = Stopwatch.StartNew();
        var end = await EndAsync(child, ending);
        Assert.That(watch.Elapsed.TotalSeconds, Is.LessThan(2 + Slack), end.Errors);
        Assert.That(well.EntryCount, Is.EqualTo(50), end.Errors);
        Assert.That(Server.EntryCount, Is.Zero);
        Assert.That(end.Errors, Does.Contain("50 entries"), "of the one that hangs");
    }

    [TestCase("return")]
    [TestCase("exit")]
#if !NETSTANDARD_ASSET
    [TestCase("SIGTERM")]
    [TestCase("SIGINT")]
#endif
    public async Task Nobody_waits_for_aServer_that_is_known_to_be_down(string ending)
    {
        await Server.StopAsync();
        var target = Configurations.Loki(Server.Url, Endless + " circuitBreakerThreshold=\"1\" taskDelayMilliseconds=\"20\"");
        await using var child = Child.Configured([Configurations.WritingTo(Configurations.Around("BufferingWrapper", "bufferSize=\"10\"", target))], "start");
        await child.AskAsync("log 50");
        var statistics = "";
        for (var patience = Stopwatch.StartNew(); !statistics.Contains("open=True", StringComparison.Ordinal) && patience.Elapsed < TimeSpan.FromSeconds(20);)
            statistics = await child.AskAsync("statistics");
        Assert.That(statistics, Does.Contain("open=True"));
        await child.AskAsync("log 5");
        var watch = Stopwatch.StartNew();
        var end = await EndAsync(child, ending);
        Assert.That(watch.Elapsed.TotalSeconds, Is.LessThan(Slack), end.Errors);
        var said = Regex.Matches(end.Errors, @"(\d+) entries (were|are) not delivered").Sum(line => int.Parse(line.Groups[1].Value, CultureInfo.InvariantCulture));
        // After a signal the wrapper may still hold its five: the handler returns at once, and NLog closes nothing.
        Assert.That(said, Number(ending) is null ? Is.EqualTo(55) : Is.InRange(50, 55), end.Errors);
    }

    private static async Task<ChildEnd> EndAsync(string[] configurations, string ending, string command)
    {
        await using var child = Child.Configured(configurations, "start");
        await child.AskAsync(command);
        return await EndAsync(child, ending);
    }

    private static async Task<ChildEnd> EndAsync(Child child, string ending)
    {
        if (Number(ending) is { } signal)
            child.Signal(signal);
        else if (ending == "exit")
            child.Tell("exit");
        if (ending != "return")
            await Wait.UntilAsync(() => child.HasExited, "the end by " + ending, 60);
        var end = await child.EndAsync();
        Assert.That(end.ExitCode, Is.EqualTo(Number(ending) is { } number ? 128 + number : 0), "as it would be without the target: " + end.Errors);
        return end;
    }

    private static int? Number(string ending) => ending switch
    {
        "SIGTERM" => Child.Terminate,
        "SIGINT" => Child.Interrupt,
        _ => null,
    };

    private static async Task SignalAsync(Child child, string signal, int times)
    {
        for (var i = 1; i <= times; i++)
        {
            child.Signal(Number(signal)!.Value);
            var expected = string.Create(CultureInfo.InvariantCulture, $"over={i} taken={i}");
            var taken = "";
            for (var patience = Stopwatch.StartNew(); taken != expected && patience.Elapsed < TimeSpan.FromSeconds(30);)
                taken = await child.AskAsync("taken");
            Assert.That(taken, Is.EqualTo(expected));
        }
    }

    private async Task GoesOnAsync(Child child, int before)
    {
        await child.AskAsync("log 100");
        await child.AskAsync("flush");
        Assert.That(Server.EntryCount, Is.EqualTo(before + 100));
        Assert.That(await child.AskAsync("statistics"), Does.Contain($"emitted={before + 100} delivered={before + 100} rejected=0 dropped=0 "));
        var end = await child.EndAsync();
        Assert.That(end.ExitCode, Is.Zero);
        Assert.That(end.Errors, Is.Empty);
    }
}
