using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Net.Http;
using System.Threading.Tasks;
using NLog.Common;
using NLog.Targets.Loki.Testing;
using NLog.Targets.Loki.Tests.Support;
using NUnit.Framework;

namespace NLog.Targets.Loki.Tests.Faults;

/// <summary>Owns one run of a row: a server, a target on a clock that the test moves, and all that NLog's internal log says.</summary>
internal sealed class FaultScene : IAsyncDisposable
{
    private const string Token = "S3CR3T-6f0c";
    private const string Canary = "canary-1d7e";

    private static readonly TimeSpan s_ceiling = TimeSpan.FromMinutes(30);

    private readonly FaultRow _row;
    private readonly StringWriter _internalLog = new();
    private readonly LogLevel _internalLevel = InternalLogger.LogLevel;
    private int _logged;

    private FaultScene(FaultRow row, LokiTestServer server)
    {
        _row = row;
        Server = server;
    }

    public LokiTestServer Server { get; }

    public ManualTime Time { get; } = new();

    public Logging Logging { get; private set; } = null!;

    public LokiStatistics Statistics => Logging.Statistics;

    public static async Task<FaultScene> StartAsync(FaultRow row)
    {
        var scene = new FaultScene(row, await LokiTestServer.StartAsync(new LokiTestServerOptions { Limits = new LokiLimits().WithoutRates() }));
        InternalLogger.LogWriter = scene._internalLog;
        InternalLogger.LogLevel = LogLevel.Trace;
        var target = new LokiTarget(scene.Time, new Random(1).NextDouble, row.Handler?.Invoke())
        {
            Name = "loki",
            Endpoint = scene.Server.Url.ToString(),
            BearerToken = Token,
            TaskDelayMilliseconds = 100,
            ConnectTimeoutSeconds = 1,
        };
        row.Configure?.Invoke(target, scene);
        scene.Logging = Logging.With(target);
        return scene;
    }

    /// <summary>Logs numbered lines, in turn to two streams.</summary>
    public void Log(int count)
    {
        for (var end = _logged + count; _logged < end; _logged++)
            Logging.Logger(Canary).Log(_logged % 2 == 0 ? LogLevel.Info : LogLevel.Warn, Canary + " {number}", _logged);
    }

    /// <summary>Moves the clock; before each step everything that can happen at its instant has happened.</summary>
    public async Task AdvanceAsync(TimeSpan by, Func<bool>? until = null)
    {
        var end = Time.Elapsed + by;
        while (true)
        {
            await QuietAsync();
            AssertBalance();
            if (until?.Invoke() ?? Time.Elapsed >= end)
                return;
            Assert.That(Time.Elapsed, Is.LessThan(end), $"{_row.Id}: not reached by the test's clock; {Statistics}; {Said}");
            Time.Advance(_row.Step);
        }
    }

    public Task AdvanceUntilDeliveredAsync() => AdvanceAsync(s_ceiling, () => Statistics.Pending == 0);

    /// <summary>The lines of the internal log that speak for the Loki target at Warn or above.</summary>
    public IReadOnlyList<string> Said => [.. Whole.Split('\n').Where(line => line.Contains("Loki target 'loki'", StringComparison.Ordinal) && (line.Contains(" Warn ", StringComparison.Ordinal) || line.Contains(" Error ", StringComparison.Ordinal)))];

    public void AssertEnd()
    {
        var lost = _row.Lost.Values.Sum();
        var rejected = _row.Lost.Where(pair => pair.Key is LokiDropReason.Rejected or LokiDropReason.TooOld or LokiDropReason.Blocked or LokiDropReason.StreamLimit or LokiDropReason.Poison).Sum(pair => pair.Value);
        Assert.Multiple(() =>
        {
            Assert.That(_row.HasFired(this), "the fault fired");
            foreach (var (reason, count) in _row.Lost)
                Assert.That(Statistics.CountOf(reason), Is.EqualTo(count), $"{reason}: {Statistics}");
            Ledgers.AssertBalance(Statistics, _logged, _logged - lost, dropped: lost - rejected, rejected: rejected);
            Assert.That(Server.EntryCount, Is.EqualTo(_logged - lost), "what the server holds");
            Assert.That(Server.Entries.Select(entry => entry.Metadata["number"]), Is.Unique);
            foreach (var stream in Server.Entries.GroupBy(entry => entry.Labels["level"]))
                Assert.That(stream.Select(entry => int.Parse(entry.Metadata["number"])), Is.Ordered, "the order of stream " + stream.Key);
            Assert.That(Statistics.Resent, Is.LessThanOrEqualTo(_row.MostResent), "requests sent again");
            Assert.That(Statistics.Requests, Is.LessThanOrEqualTo(_row.MostRequests), "requests");
            Assert.That(Said, Has.Count.LessThanOrEqualTo(_row.MostSaid), string.Join('\n', Said));
            Assert.That(Said, Has.Count.GreaterThanOrEqualTo(_row.LeastSaid), "never silence");
            Assert.That(Said, Has.All.Length.LessThan(1024));
            Assert.That(Said.Where(line => line.Contains(Token, StringComparison.Ordinal) || line.Contains(Canary + " ", StringComparison.Ordinal)), Is.Empty);
        });
    }

    public async ValueTask DisposeAsync()
    {
        InternalLogger.LogWriter = null;
        InternalLogger.LogLevel = _internalLevel;
        Server.Faults.Clear();
        // The deadlines of a shutdown stand on the test's clock.
        var closing = Task.Run(Logging.Dispose);
        while (!closing.IsCompleted)
        {
            Time.Advance(TimeSpan.FromSeconds(1));
            await Task.WhenAny(closing, Task.Delay(5));
        }

        await Server.DisposeAsync();
    }

    private string Whole
    {
        get
        {
            lock (_internalLog)
                return _internalLog.ToString();
        }
    }

    // A request that hangs is never done: then it is enough that nothing has changed for a while.
    private async Task QuietAsync()
    {
        var last = (0L, 0, 0L);
        var since = Environment.TickCount64;
        await Wait.UntilAsync(
            () =>
            {
                var statistics = Statistics;
                if (statistics is { Queued: 0, InFlight: 0 })
                    return true;
                var seen = (statistics.Requests, Server.PushCount, statistics.Queued + (statistics.InFlight * 1_000_000));
                if (seen != last)
                    (last, since) = (seen, Environment.TickCount64);
                return statistics.Queued == 0 && Environment.TickCount64 - since > 30;
            },
            _row.Id + " is quiet",
            tickMilliseconds: 1);
    }

    private void AssertBalance()
    {
        var s = Statistics;
        Assert.That(s.Delivered + s.Rejected + s.Dropped + s.Queued + s.Buffered + s.InFlight + s.Retrying + s.Spooled, Is.EqualTo(s.Emitted + s.Recovered), s.ToString());
    }
}
