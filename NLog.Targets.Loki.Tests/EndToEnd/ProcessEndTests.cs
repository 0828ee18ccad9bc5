using System;
using System.Diagnostics;
using System.Globalization;
using System.Linq;
using System.Text.RegularExpressions;
using System.Threading.Tasks;
using NLog.Targets.Loki.Tests.Children;
using NLog.Targets.Loki.Tests.Support;
using NUnit.Framework;

namespace NLog.Targets.Loki.Tests.EndToEnd;

/// <summary>How a process can end, in real time and with a process of its own: what is logged arrives, or it is said how much does not.</summary>
[Category("LifeCycle")]
public sealed class ProcessEndTests(ServedBy servedBy) : EndToEndTests(servedBy)
{
    private const string SharedDeadlines = "closeTimeoutSeconds=\"1\" requestTimeoutSeconds=\"30\"";

    // What a broken deadline would wait: far beyond the ceiling of any child.
    private const string EndlessDeadlines = "flushTimeoutSeconds=\"1000\" closeTimeoutSeconds=\"1000\" retryDelayMilliseconds=\"20\" retryMaxDelayMilliseconds=\"100\"";

    [Category("L1")]
    [Test]
    public async Task A_shutdown_delivers_twenty_thousand_waiting_lines()
    {
        await using var child = Child.Start(Server.Url, "", "log 20000");
        Assert.That(await child.AskAsync("shutdown"), Does.Contain("delivered=20000"));
        Assert.That(Server.EntryCount, Is.EqualTo(20_000));
        Assert.That((await child.EndAsync()).Errors, Is.Empty);
    }

    [Category("L4")]
    [Category("Exit")]
    [TestCase("statistics", TestName = "{m}(return from Main)")]
    [TestCase("exit")]
    [TestCase("shutdown")]
    public async Task A_program_that_logs_and_ends_has_all_its_lines_on_theServer(string ending)
    {
        var child = await Child.RunAsync(Server.Url, "", "log 5000", ending);
        Assert.That(child.ExitCode, Is.Zero, child.Errors);
        Assert.That(Server.EntryCount, Is.EqualTo(5000), child.Errors);
        Assert.That(child.Errors, Is.Empty);
    }

    [Category("L4")]
    [Category("ExitCut")]
    [TestCase("statistics", TestName = "{m}(return from Main)")]
    [TestCase("exit")]
    public async Task What_cannot_be_delivered_while_a_process_ends_is_counted_and_said(string ending)
    {
        Server.Faults.Hang(true);
        var child = await Child.RunAsync(Server.Url, SharedDeadlines, "log 5000", ending);
        Assert.That(child.ExitCode, Is.Zero);
        Assert.That(child.Errors, Does.Contain("5000 entries were not delivered").And.Contain("dropped=5000").And.Contain("closed=5000"));
        Assert.That(Server.EntryCount, Is.Zero);
    }

    [Category("L2")]
    [Category("L3")]
    [Category("ShutdownDown")]
    [Test]
    public async Task A_shutdown_before_a_refused_port_waits_for_no_deadline_and_says_what_is_lost()
    {
        await Server.StopAsync();
        await using var child = Child.Start(Server.Url, EndlessDeadlines, "log 5000");
        var shutdown = await child.AskAsync("shutdown");
        var seconds = double.Parse(Regex.Match(shutdown, "seconds=([0-9.]+)").Groups[1].Value, CultureInfo.InvariantCulture);
        Assert.That(seconds, Is.LessThan(14), "NLog gives a flush up after 15");
        Assert.That(shutdown, Does.Contain("closed=5000"));
        var errors = (await child.EndAsync()).Errors;
        Assert.That(errors, Does.Contain("cannot deliver").And.Contain("5000 entries").And.Contain("closed=5000"));
        Assert.That(Regex.Count(errors, "were not delivered"), Is.EqualTo(1), errors);
    }

    [Category("L3")]
    [Category("ShutdownDown")]
    [TestCase("500")]
    [TestCase("hanging")]
    public async Task A_shutdown_before_aServer_that_takes_nothing_ends_and_counts_every_line(string trouble)
    {
        if (trouble == "500")
            Server.Faults.Respond(Testing.LokiFaults.Always, 500);
        else
            Server.Faults.Hang(true);
        await using var child = Child.Start(Server.Url, "flushTimeoutSeconds=\"2\" closeTimeoutSeconds=\"2\" requestTimeoutSeconds=\"300\" retryDelayMilliseconds=\"20\"", "log 5000");
        Assert.That(await child.AskAsync("shutdown"), Does.Contain("emitted=5000 delivered=0 ").And.Contain("closed=5000"));
        var errors = (await child.EndAsync()).Errors;
        Assert.That(Regex.Count(errors, "5000 entries were not delivered"), Is.EqualTo(1), errors);
        Assert.That(Server.EntryCount, Is.Zero);
    }

#if !NETSTANDARD_ASSET
    [Category("L4")]
    [Category("Terminate")]
    [Platform("Unix")]
    [Test]
    public async Task A_process_that_is_told_to_end_delivers_what_was_logged()
    {
        await using var child = Child.Start(Server.Url, "taskDelayMilliseconds=\"600000\"");
        await child.AskAsync("log 5000");
        Assert.That(Server.EntryCount, Is.Zero, "it all waits for more");
        child.Signal(Child.Terminate);
        await Wait.UntilAsync(() => child.HasExited, "the end", 60);
        var end = await child.EndAsync();
        Assert.That(end.ExitCode, Is.EqualTo(128 + Child.Terminate), "dead of the signal, as it would be without the target");
        Assert.That(Server.EntryCount, Is.EqualTo(5000), end.Errors);
        Assert.That(end.Errors, Is.Empty);
    }

    [Category("L4")]
    [Category("Terminate")]
    [Platform("Unix")]
    [Test]
    public async Task A_process_that_is_told_to_end_before_a_hangingServer_says_what_is_lost()
    {
        Server.Faults.Hang(true);
        await using var child = Child.Start(Server.Url, SharedDeadlines);
        await child.AskAsync("log 5000");
        child.Signal(Child.Terminate);
        await Wait.UntilAsync(() => child.HasExited, "the end", 60);
        var end = await child.EndAsync();
        Assert.That(end.ExitCode, Is.EqualTo(128 + Child.Terminate));
        Assert.That(end.Errors, Does.Contain("5000 entries are not delivered"));
    }
#endif

    [Category("L6")]
    [Category("Crash")]
    [Platform("Unix")]
    [TestCase("kill")]
    [TestCase("throw")]
    [TestCase("failfast")]
    public async Task What_a_crash_leaves_on_theServer_is_the_beginning_of_what_was_logged_and_nothing_twice(string crash)
    {
        await using var child = Child.Start(Server.Url, "taskDelayMilliseconds=\"20\"");
        await child.AskAsync("write");
        await Server.WaitForEntriesAsync(500, TimeSpan.FromSeconds(60));
        if (crash == "kill")
            child.Signal(Child.Kill);
        else
            Assert.That(() => child.AskAsync(crash).GetAwaiter().GetResult(), Throws.InvalidOperationException.Or.InstanceOf<System.IO.IOException>());
        await Wait.UntilAsync(() => child.HasExited, "the end", 60);
        Assert.That((await child.EndAsync()).ExitCode, Is.Not.Zero);
        // A push that was on its way when the process died has arrived or will not.
        await Server.StopAsync();
        var numbers = Server.Entries.Select(entry => int.Parse(entry.Metadata["number"], CultureInfo.InvariantCulture)).ToList();
        TestContext.Out.WriteLine($"{numbers.Count} lines");
        Assert.That(numbers, Is.EqualTo(Enumerable.Range(0, numbers.Count)));
        Assert.That(Server.DuplicatesRefused, Is.Zero);
    }

    [Category("L7")]
    [Platform("Unix")]
    [Test]
    public async Task A_process_that_was_stopped_and_goes_on_sends_no_burst_and_everything_arrives()
    {
        Server.Faults.Respond(Testing.LokiFaults.Always, 503);
        await using var child = Child.Start(Server.Url, "taskDelayMilliseconds=\"20\" retryDelayMilliseconds=\"100\" retryMaxDelayMilliseconds=\"100\" circuitBreakerThreshold=\"1000\"");
        await child.AskAsync("log 1000");
        await Server.WaitForPushesAsync(3, TimeSpan.FromSeconds(60));
        child.Signal(Child.Stop);
        var before = Server.PushCount;
        var stopped = Stopwatch.StartNew();
        await Wait.UntilAsync(() => stopped.Elapsed.TotalSeconds > 2, "twenty pauses between two tries");
        Assert.That(Server.PushCount - before, Is.LessThanOrEqualTo(1), "a stopped process sends nothing but what was on its way");
        Server.Faults.Clear();
        before = Server.PushCount;
        child.Signal(Child.Continue);
        Assert.That(await child.AskAsync("flush"), Is.EqualTo("1 flushed"));
        Assert.That(Server.EntryCount, Is.EqualTo(1000));
        Assert.That(Server.PushCount - before, Is.LessThanOrEqualTo(3), "one try that was due, and the rest with what waited");
        Assert.That(await child.AskAsync("statistics"), Does.Contain("emitted=1000 delivered=1000 "));
    }

    [Category("Q3")]
    [Category("Flush")]
    [Test]
    public async Task A_flush_while_the_queue_overflows_ends_and_says_how_many_are_not_delivered()
    {
        Server.Faults.Hang(true);
        await using var child = Child.Start(Server.Url, "queueLimit=\"1000\" bufferLimitBytes=\"65536\" flushTimeoutSeconds=\"2\" requestTimeoutSeconds=\"300\" closeTimeoutSeconds=\"1\"");
        await child.AskAsync("write");
        await child.AskAsync("log 20000");
        Assert.That(await child.AskAsync("flush"), Does.Match(@"^1 .*\d+ entries are not delivered"), "the target's word, not NLog's time-out");
    }

    [Category("Q4")]
    [Category("Flush")]
    [Test]
    public async Task A_hundred_flushes_beside_a_writer_end_once_each()
    {
        await using var child = Child.Start(Server.Url, "");
        await child.AskAsync("write");
        Assert.That(await child.AskAsync("flushes"), Is.EqualTo("100 flushed"));
    }

    [Category("Q5")]
    [Category("Flush")]
    [Test]
    public async Task The_line_after_a_failed_push_and_a_flush_arrives()
    {
        Server.Faults.Respond(1, 500);
        await using var child = Child.Start(Server.Url, "batchSize=\"1\" retryDelayMilliseconds=\"60000\" flushTimeoutSeconds=\"60\"");
        await child.AskAsync("log 1");
        await Server.WaitForPushesAsync(1, TimeSpan.FromSeconds(60));
        await child.AskAsync("log 1");
        Assert.That(await child.AskAsync("flush"), Is.EqualTo("1 flushed"));
        Assert.That(Server.EntryCount, Is.EqualTo(2));
    }

    [Category("Q9")]
    [Category("Reload")]
    [Test]
    public async Task Twenty_reloads_a_hundred_milliseconds_apart_lose_nothing_but_what_NLog_itself_drops()
    {
        await using var child = Child.Start(Server.Url, "taskDelayMilliseconds=\"50\"");
        var logged = int.Parse((await child.AskAsync("churn " + Server.Url)).Split('=')[1], CultureInfo.InvariantCulture);
        var statistics = await child.AskAsync("shutdown");
        TestContext.Out.WriteLine($"{logged} logged, {statistics}");
        Assert.That(statistics, Does.Contain($"delivered={Server.EntryCount} rejected=0 "));
        Assert.That(Server.DuplicatesRefused, Is.Zero);
        // NLog counts nothing that it drops itself: at most the call that each thread was in at each reload.
        Assert.That(logged - Server.EntryCount, Is.InRange(0, ReloadChurn.Threads * ReloadChurn.Reloads));
        foreach (var thread in Server.Entries.GroupBy(entry => entry.Metadata["thread"]))
            Assert.That(thread.Select(entry => int.Parse(entry.Metadata["number"], CultureInfo.InvariantCulture)), Is.Unique);
    }

    [Category("Close")]
    [Category("Reload")]
    [Test]
    public async Task A_reload_to_another_endpoint_returns_while_the_old_one_is_still_being_served()
    {
        await using var other = await Testing.LokiTestServer.StartAsync();
        Server.Faults.Hang(true);
        await using var child = Child.Start(Server.Url, "flushTimeoutSeconds=\"1\" closeTimeoutSeconds=\"60\" requestTimeoutSeconds=\"300\"", "log 100");
        await child.AskAsync("reload " + other.Url);
        await child.AskAsync("log 100");
        await other.WaitForEntriesAsync(100, TimeSpan.FromSeconds(60));
        Assert.That(Server.EntryCount, Is.Zero, "the new endpoint is served before the old one answers");
        Server.Faults.Hang(false);
        await Server.WaitForEntriesAsync(100, TimeSpan.FromSeconds(60));
        Assert.That(await child.AskAsync("shutdown"), Does.Contain("emitted=200 delivered=200 "));
    }

    [Category("L9")]
    [Platform("Linux")]
    [Test]
    public async Task A_hundred_factories_leave_no_thread_socket_or_timer_behind()
    {
        await using var child = Child.Start(Server.Url, "");
        var growth = await child.AskAsync("cycle " + Server.Url);
        TestContext.Out.WriteLine(growth);
        foreach (Match number in Regex.Matches(growth, @"=(-?\d+)"))
            Assert.That(int.Parse(number.Groups[1].Value, CultureInfo.InvariantCulture), Is.LessThan(20), growth);
    }
}
