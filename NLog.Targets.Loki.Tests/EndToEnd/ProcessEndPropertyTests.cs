using System;
using System.Collections.Generic;
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

/// <summary>
/// Stopping is bounded and honest: whatever stands around the target, whatever the server does and however a process ends, what is
/// not stored is said to be lost, in time.
/// </summary>
[Category("LifeCycle")]
[Category("Exit")]
[FixtureLifeCycle(NUnit.Framework.LifeCycle.InstancePerTestCase)]
[Parallelizable(ParallelScope.Children)]
public sealed class ProcessEndPropertyTests : ServerTests
{
    private const int CloseSeconds = 2;

    // Nobody needs it; a request that a deadline cuts may be stored and yet be said to be lost.
    private const int CloseSecondsOfAnswering = 20;
    private const int FlushSeconds = 3;
    private const int EndlessFlushSeconds = 60;

    // What a start of the runtime's own end, and a busy machine, may take besides.
    private const int SlackSeconds = 8;

    /// <summary>Set it to the seed that a failure names, to run the same case again.</summary>
    private const string SeedVariable = "LOKI_TEST_SEED";

    /// <summary>How many seeds.</summary>
    private const string CountVariable = "LOKI_TEST_SEEDS";

    private const string Shutdown = "shutdown";

    private static readonly string[] s_wrappers = ["none", "AsyncWrapper", "BufferingWrapper", "AutoFlushWrapper", "FallbackGroup"];
    private static readonly string[] s_servers = ["well", "slow", "hanging", "refusing"];

#if NETSTANDARD_ASSET
    private static readonly string[] s_endings = ["return", "exit", Shutdown];
#else
    private static readonly string[] s_endings = ["return", "exit", Shutdown, "SIGTERM", "SIGINT"];
#endif

    private static IEnumerable<int> Seeds => Enumerable.Range(1, Read(CountVariable) ?? 7);

    protected override LokiTestServerOptions Options => new() { Limits = new LokiLimits().WithoutRates() };

    [TestCaseSource(nameof(Seeds))]
    public Task What_is_not_stored_is_said_to_be_lost_in_time(int seed) => RunAsync(seed);

    [Test]
    public Task What_is_not_stored_is_said_to_be_lost_in_time_with_a_new_seed() => RunAsync(Read(SeedVariable) ?? Random.Shared.Next(1000, int.MaxValue));

    private static int? Read(string variable) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    private static string Around(string wrapper, string target) => wrapper switch
    {
        "AsyncWrapper" => Configurations.Around(wrapper, "timeToSleepBetweenBatches=\"50\" batchSize=\"200\"", target),
        "BufferingWrapper" => Configurations.Around(wrapper, "bufferSize=\"100\"", target),
        "AutoFlushWrapper" => Configurations.Around(wrapper, "condition=\"level >= LogLevel.Error\"", target),
        "FallbackGroup" => Configurations.Around(wrapper, "", target + "<target type=\"Memory\" name=\"memory\" />"),
        _ => target,
    };

    // The last line has the last word; without one nothing is lost.
    private static int SaidToBeLost(string errors) => Regex.Matches(errors, @"(\d+) (?:entries|events|lines) (?:were|are|was|is) not delivered").LastOrDefault() is { } last
        ? int.Parse(last.Groups[1].Value, CultureInfo.InvariantCulture)
        : 0;

    private async Task RunAsync(int seed)
    {
        var random = new Random(seed);
        string Any(string[] of) => of[random.Next(of.Length)];
        var (wrapper, server, ending, lines) = (Any(s_wrappers), Any(s_servers), Any(s_endings), random.Next(3) * random.Next(1, 2000));
        var what = $"seed {seed}: {lines} lines, {wrapper}, the server is {server}, the end is {ending}; the same again with {SeedVariable}={seed}";
        await TestContext.Out.WriteLineAsync(what);
        if (server == "slow")
            Server.Faults.Delay = TimeSpan.FromMilliseconds(150);
        else if (server == "hanging")
            Server.Faults.Hang(true);
        else if (server == "refusing")
            await Server.StopAsync();

        var closeSeconds = server is "well" or "slow" ? CloseSecondsOfAnswering : CloseSeconds;
        var flushSeconds = ending == Shutdown ? FlushSeconds : EndlessFlushSeconds;
        var target = Configurations.Loki(
            Server.Url,
            $"closeTimeoutSeconds=\"{closeSeconds}\" flushTimeoutSeconds=\"{flushSeconds}\" requestTimeoutSeconds=\"300\" "
            + $"taskDelayMilliseconds=\"{Any(["20", "1000", "60000"])}\"");
        await using var child = Child.Configured([Configurations.WritingTo(Around(wrapper, target))], "start");
        await child.AskAsync("log " + lines);
        if (random.Next(2) == 0)
            await child.AskAsync("statistics");
        var watch = Stopwatch.StartNew();
        var end = await EndAsync(child, ending);
        var seconds = watch.Elapsed.TotalSeconds;
        await TestContext.Out.WriteLineAsync($"{seconds:F1} s, stored {Server.EntryCount}, said {SaidToBeLost(end.Errors)}: {end.Errors}");
        Assert.Multiple(() =>
        {
            // At the end of a process flush and close share the deadline of the second.
            Assert.That(seconds, Is.LessThan((ending == Shutdown ? FlushSeconds : 0) + closeSeconds + SlackSeconds), what + end.Errors);
            Assert.That(Server.EntryCount + SaidToBeLost(end.Errors), Is.EqualTo(lines), $"{what}; stored {Server.EntryCount}; {end.Errors}");
            if (server is "well" or "slow")
                Assert.That(Server.EntryCount, Is.EqualTo(lines), what + end.Errors);
        });
    }

    private static async Task<ChildEnd> EndAsync(Child child, string ending)
    {
        switch (ending)
        {
            case "exit":
                child.Tell(ending);
                break;
            case "SIGTERM":
                child.Signal(Child.Terminate);
                break;
            case "SIGINT":
                child.Signal(Child.Interrupt);
                break;
            case Shutdown:
                await child.AskAsync(Shutdown);
                break;
        }

        if (ending is not ("return" or Shutdown))
            await Wait.UntilAsync(() => child.HasExited, "the end by " + ending, 60);
        return await child.EndAsync();
    }
}
