using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.RegularExpressions;
using System.Threading.Tasks;
using NLog.Targets.Loki.Testing;
using NLog.Targets.Loki.Tests.Support;
using NUnit.Framework;

namespace NLog.Targets.Loki.Tests.Faults;

/// <summary>One run of a row: a server, a target on a clock that the test moves, and all that NLog's internal log says.</summary>
internal sealed class FaultScene : IAsyncDisposable
{
    public const string Token = "S3CR3T-6f0c";
    public const string TokenVariable = "LOKI_TESTS_ROW_TOKEN";

    private const string Canary = "canary-1d7e";
    private const int QueueLimit = 20_000;
    private const int EventBytes = 400;

    private static readonly TimeSpan s_ceiling = TimeSpan.FromMinutes(30);
    private static readonly TimeSpan s_leastStep = TimeSpan.FromMilliseconds(10);

    private readonly FaultRow _row;
    private readonly InternalLogLines _internalLog = new(LogLevel.Trace);
    private readonly List<IDisposable> _owned = [];
    private readonly long _memoryBefore = GC.GetTotalMemory(forceFullCollection: true);
    private Front? _front;
    private Front? _elsewhere;
    private long _memoryGrowth;
    private int _logged;

    private FaultScene(FaultRow row) => _row = row;

    public LokiTestServer Server { get; private set; } = null!;

    public ManualTime Time { get; } = new();

    public Logging Logging { get; private set; } = null!;

    public LokiStatistics Statistics => Logging.Statistics;

    /// <summary>A port before the server's own.</summary>
    public Front Front => _front ??= new Front(Server.Url);

    /// <summary>Where nothing of the target's may ever arrive.</summary>
    public Front Elsewhere => _elsewhere ??= new Front(Server.Url);

    /// <summary>What names resolve to; null while they do not.</summary>
    public Uri? Address { get; set; }

    /// <summary>The lines of the internal log that speak for the Loki target at Warn or above.</summary>
    public IReadOnlyList<string> Said => [.. Whole.Split('\n').Where(line => Regex.IsMatch(line, " (Warn|Error) .*Loki target 'loki'"))];

    private string Whole => _internalLog.ToString();

    public static async Task<FaultScene> StartAsync(FaultRow row)
    {
        var scene = new FaultScene(row);
        scene.Server = await LokiTestServer.StartAsync(new LokiTestServerOptions { Limits = new LokiLimits().WithoutRates(), Clock = new Unstepped(scene.Time) });
        scene.Address = scene.Server.Url;
        Environment.SetEnvironmentVariable(TokenVariable, Token);
        var target = new LokiTarget(scene.Time, new Random(1).NextDouble, scene.Own(row.Handler?.Invoke(scene)))
        {
            Name = "loki",
            Endpoint = scene.Server.Url.ToString(),
            BearerToken = "${environment:" + TokenVariable + "}",
            TaskDelayMilliseconds = 100,
            // Real time, whatever the clock of the test says.
            ConnectTimeoutSeconds = 20,
            QueueLimit = QueueLimit,
            BufferLimitBytes = 8 << 20,
        };
        row.Configure?.Invoke(target, scene);
        scene.Logging = Logging.AtOnce(target);
        return scene;
    }

    /// <summary>Logs numbered lines, in turn to two streams.</summary>
    public void Log(int count, bool underFault = false)
    {
        for (var i = 0; i < count; i++, _logged++)
        {
            var filling = underFault ? new string('x', Math.Max(0, _row.LineBytes - Canary.Length - 10)) : "";
            var logEvent = new LogEventInfo(_logged % 2 == 0 ? LogLevel.Info : LogLevel.Warn, "rows", null, Canary + " {number}" + filling, [_logged])
            {
                TimeStamp = Time.GetUtcNow().UtcDateTime,
            };
            if (underFault)
                _row.Shape(logEvent, i);
            Logging.Logger("rows").Log(logEvent);
        }
    }

    /// <summary>The whole fault: its lines, its time, and what it has cost in memory by its end.</summary>
    public async Task SufferAsync()
    {
        Log(_row.Events, underFault: true);
        var (start, extra) = (Time.Elapsed, 0);
        await AdvanceAsync(_row.Lasts, step: () =>
        {
            // A step's worth at once: NLog's queue takes milliseconds of real time for each hand-over.
            var due = (int)((Time.Elapsed - start).TotalSeconds * _row.EventsPerSecond) - extra;
            if (due < _row.Step.TotalSeconds * _row.EventsPerSecond && Time.Elapsed - start < _row.Lasts)
                return;
            Log(due, underFault: true);
            extra += due;
        });
        _memoryGrowth = GC.GetTotalMemory(forceFullCollection: true) - _memoryBefore;
    }

    public Task AdvanceUntilDeliveredAsync() => AdvanceAsync(s_ceiling, () => Statistics.Pending == 0);

    public void AssertEnd()
    {
        var target = Logging.Target;
        var lacking = _logged - Server.EntryCount;
        var lost = _row.Lost.Values.Sum(count => count ?? lacking);
        var rejected = _row.Lost.Where(pair => pair.Key is LokiDropReason.Rejected or LokiDropReason.TooOld or LokiDropReason.Blocked or LokiDropReason.StreamLimit or LokiDropReason.Poison).Sum(pair => pair.Value ?? lacking);
        var memory = ((long)QueueLimit * EventBytes) + target.BufferLimitBytes + (3L * target.MaxBatchBytes) + (16 << 20);
        Assert.Multiple(() =>
        {
            Assert.That(_row.HasFired(this), "the fault fired");
            foreach (var (reason, count) in _row.Lost)
                Assert.That(Statistics.CountOf(reason), count is null ? Is.EqualTo(lacking).And.Positive : Is.EqualTo(count), $"{reason}: {Statistics}");
            Ledgers.AssertBalance(Statistics, _logged, _logged - lost, dropped: lost - rejected, rejected: rejected);
            Assert.That(Server.EntryCount, Is.EqualTo(_logged - lost), "what the server holds");
            Assert.That(Server.Entries.Select(entry => entry.Metadata["number"]), Is.Unique);
            foreach (var stream in Server.Entries.Where(_ => _row.InOrder).GroupBy(entry => entry.Labels["level"]))
                Assert.That(stream.Select(entry => int.Parse(entry.Metadata["number"])), Is.Ordered, "the order of stream " + stream.Key);
            Assert.That(Statistics.Resent, Is.LessThanOrEqualTo(_row.MostResent), "requests sent again");
            Assert.That(Statistics.Requests, Is.LessThanOrEqualTo(_row.MostRequests), "requests");
            Assert.That(_memoryGrowth, Is.LessThanOrEqualTo(memory), "growth of memory at the end of the fault");
            Assert.That(Said, Has.Count.LessThanOrEqualTo(_row.MostSaid), string.Join('\n', Said));
            Assert.That(Said, Has.Count.GreaterThanOrEqualTo(_row.LeastSaid), "never silence");
            Assert.That(string.Join('\n', Said), Does.Match(_row.Says));
            Assert.That(Said, Has.All.Length.LessThan(1024));
            Assert.That(Whole.Split('\n').Where(IsTelling), Is.Empty, "no secret and no line in the whole internal log");
            Assert.That(IsTelling(Statistics + target.ToString()), Is.False, "nor elsewhere");
            Assert.That(_elsewhere?.Accepted ?? 0, Is.Zero, "nothing goes elsewhere");
            _row.Also(this);
        });
    }

    public async ValueTask DisposeAsync()
    {
        _internalLog.Dispose();
        Server.Faults.Clear();
        // The deadlines of a shutdown stand on the test's clock.
        var closing = Task.Run(() => Logging?.Dispose());
        while (!closing.IsCompleted)
        {
            Time.Advance(TimeSpan.FromSeconds(1));
            await Task.WhenAny(closing, Task.Delay(5));
        }

        Environment.SetEnvironmentVariable(TokenVariable, null);
        foreach (var owned in _owned)
            owned.Dispose();
        _front?.Dispose();
        _elsewhere?.Dispose();
        await Server.DisposeAsync();
    }

    private static bool IsTelling(string text) =>
        text.Contains(Token, StringComparison.Ordinal) || text.Contains(Canary, StringComparison.Ordinal)
        || text.Contains(Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(Token)), StringComparison.Ordinal);

    // From one timer to the next; before each step everything that can happen at its instant has happened.
    private async Task AdvanceAsync(TimeSpan by, Func<bool>? until = null, Action? step = null)
    {
        var end = Time.Elapsed + by;
        while (true)
        {
            step?.Invoke();
            await QuietAsync();
            AssertBalance();
            if (until?.Invoke() ?? Time.Elapsed >= end)
                return;
            Assert.That(Time.Elapsed, Is.LessThan(end), () => $"{_row.Id}: not reached by the test's clock; {Statistics}; {string.Join('\n', Said)}");
            var next = Time.NextDue - Time.Elapsed is { } due && due < _row.Step ? due : _row.Step;
            Time.Advance(next < s_leastStep ? s_leastStep : next);
        }
    }

    // A request that hangs is never done: then it is enough that nothing has changed for a while.
    private async Task QuietAsync()
    {
        var last = (0L, 0, 0L);
        var since = Environment.TickCount64;
        try
        {
            await Wait.UntilAsync(
                () =>
                {
                    if (Logging.IsIdle())
                        return true;
                    var statistics = Statistics;
                    var seen = (statistics.Requests, Server.PushCount, statistics.Queued + (statistics.InFlight * 1_000_000));
                    if (seen != last)
                        (last, since) = (seen, Environment.TickCount64);
                    return _row.Hangs && EmptyQueue.Of(Logging.Target) && Environment.TickCount64 - since > 50;
                },
                _row.Id + " is quiet",
                tickMilliseconds: 1);
        }
        catch (TimeoutException)
        {
            throw new TimeoutException($"{_row.Id} is not quiet: {Statistics}; {Server.PushCount} pushes; {string.Join('\n', Said)}");
        }
    }

    private void AssertBalance()
    {
        var s = Statistics;
        Assert.That(s.Delivered + s.Rejected + s.Dropped + s.Queued + s.Buffered + s.InFlight + s.Retrying, Is.EqualTo(s.Emitted), s.ToString());
    }

    private T? Own<T>(T? thing)
        where T : IDisposable
    {
        if (thing is not null)
            _owned.Add(thing);
        return thing;
    }

    /// <summary>The true time, whatever the wall clock of the application's machine is set to.</summary>
    private sealed class Unstepped(ManualTime time) : TimeProvider
    {
        private readonly DateTimeOffset _start = time.GetUtcNow();

        public override DateTimeOffset GetUtcNow() => _start + time.Elapsed;
    }
}
