using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Linq;
using System.Threading.Tasks;
using NLog.Targets.Loki.Integration;
using NLog.Targets.Loki.Tests.Support;
using NUnit.Framework;

namespace NLog.Targets.Loki.Tests.Diagnostics;

/// <summary>One run of random steps over a target, a clock, a scripted server, and the oracle that knows what must have come of it.</summary>
internal sealed class LedgerRun
{
    private const int BreakerThreshold = 3;
    private const int MostLineBytes = 6000;

    private static readonly LogLevel[] s_levels = [LogLevel.Debug, LogLevel.Info, LogLevel.Error];

    // Never a part of a second: the oracle tells a time-out from a close by how long the request waited.
    private static readonly TimeSpan s_crookedStep = TimeSpan.FromTicks(470_013);

    private readonly Random _random;
    private readonly int _seed;
    private readonly ManualTime _time = new();
    private readonly LedgerOracle _oracle;
    private readonly HoldingLoki _loki;
    private readonly Logging _logging;
    private readonly List<(Task<Exception?> End, int Logged)> _flushes = [];
    private readonly List<string> _trace = [];
    private readonly bool _evicts;
    private readonly int _retryCount;
    private bool _latencyIsKnown;
    private TimeSpan _behindUntil = TimeSpan.MinValue;
    private int? _errorsBeforeClose;
    private int _targets;

    public LedgerRun(int seed)
    {
        _random = new Random(seed);
        _seed = seed;
        _evicts = seed % 3 == 0;
        _retryCount = seed % 4 == 1 ? 4 : 0;
        _oracle = new LedgerOracle(_time, _retryCount, BreakerThreshold);
        _loki = new HoldingLoki(_time) { Arrived = _oracle.Arrive, Cancelled = _oracle.Cancel };
        _logging = Logging.AtOnce(CreateTarget());
    }

    /// <summary>The last steps, for the report of a failure.</summary>
    public string Trace => string.Join('\n', _trace.TakeLast(25));

    private LokiStatistics Statistics => _logging.Target.Statistics;

    public async Task StepsAsync(int count)
    {
        for (var i = 0; i < count; i++)
        {
            _latencyIsKnown = false;
            switch (_random.Next(100))
            {
                case < 35:
                    Log(_random.Next(1, 20));
                    break;
                case < 70:
                    Answer(ScriptedAnswer.Any(_random));
                    break;
                case < 90:
                    await AdvanceAsync(TimeSpan.FromTicks((long)Math.Pow(10, 5 + (4 * _random.NextDouble()))));
                    break;
                case < 91:
                    await AdvanceAsync(TimeSpan.FromMinutes(11));
                    break;
                case < 96:
                    Flush();
                    break;
                default:
                    await ReloadAsync();
                    break;
            }

            await CheckAsync();
        }
    }

    /// <summary>The server is well again: everything ends.</summary>
    public async Task DrainAsync()
    {
        Say("drain");
        for (var i = 0; Statistics.Pending > 0; i++)
        {
            Assert.That(i, Is.LessThan(2000), "it never ends: " + Statistics);
            while (_oracle.Held is [var first, ..])
            {
                Give(first, ScriptedAnswer.Delivers, 0);
                await QuietAsync();
            }

            await AdvanceAsync(TimeSpan.FromSeconds(1));
        }

        await CheckAsync();
        if (_evicts)
            return;
        Assert.That(_oracle.IsPending(_oracle.Logged), Is.False);
    }

    public async Task CloseAsync()
    {
        Say("close");
        _errorsBeforeClose = _oracle.Errors;
        _latencyIsKnown = false;
        await BehindAsync(() => _logging.Factory.Configuration = null);
        _oracle.Close();
        await CheckAsync();
        _oracle.Log(LokiDropReason.Closed);
        _logging.Target.WriteAsyncLogEvent(LogEventInfo.Create(LogLevel.Info, "test", "late").WithContinuation(_ => { }));
        await CheckAsync();
        _oracle.ExpectStored();
        Assert.That(_oracle.Violations, Is.Empty);
        Assert.That(Statistics.Pending, Is.Zero);
        Assert.That(_flushes, Has.All.Matches<(Task<Exception?> End, int Logged)>(flush => flush.End.IsCompleted), "every flush ended");
    }

    private LokiTarget CreateTarget() => new(_time, () => 0.5, _loki)
    {
        Name = "loki",
        Endpoint = "http://loki.test",
        // Every reload changes it, so that batches of both wait and are taken apart together.
        Format = (_seed + _targets++) % 2 == 0 ? LokiFormat.Protobuf : LokiFormat.Json,
        Labels = { new LokiLabel { Name = "service_name", Layout = "ledger" }, new LokiLabel { Name = "instance", Layout = "" } },
        CompressionLevel = System.IO.Compression.CompressionLevel.NoCompression,
        Diagnostics = LokiDiagnostics.None,
        LineOverflow = LokiLineOverflow.Drop,
        MaxLineBytes = MostLineBytes,
        MaxBatchBytes = 4096,
        BatchSize = 30,
        MaxInFlight = 2,
        BufferLimitBytes = _evicts ? 65_536 : 67_108_864,
        RetryCount = _retryCount,
        CircuitBreakerThreshold = BreakerThreshold,
        FlushTimeoutSeconds = 1,
        CloseTimeoutSeconds = 57,
        ExcludeProperties = new UnreadableSet("unreadable"),
    };

    private void Log(int count)
    {
        Say($"log {count}");
        for (var i = 0; i < count; i++)
        {
            LokiDropReason? lost = _random.Next(100) switch
            {
                < 4 => LokiDropReason.OversizeLine,
                < 8 => LokiDropReason.OversizeEntry,
                < 12 => LokiDropReason.RenderError,
                _ => null,
            };
            var length = lost switch
            {
                LokiDropReason.OversizeLine => MostLineBytes + 1,
                LokiDropReason.OversizeEntry => MostLineBytes - 100,
                _ => _random.Next(5, 300),
            };
            var id = _oracle.Log(lost);
            var logEvent = LogEventInfo.Create(s_levels[_random.Next(s_levels.Length)], "test", (id + " ").PadRight(length, 'x'));
            if (lost == LokiDropReason.RenderError)
                logEvent.Properties["unreadable"] = 1;
            _logging.Logger().Log(logEvent);
        }
    }

    private void Answer(ScriptedAnswer answer)
    {
        if (_oracle.Held is { Count: > 0 } held)
        {
            var push = held[_random.Next(held.Count)];
            Give(push, answer, _random.Next(1, push.Entries.Count + 1));
        }
    }

    private void Give(HeldPush push, ScriptedAnswer answer, int some)
    {
        Say($"answer {push.Entries.Count} entries of {push.Labels["level"]} with {answer} ({some})");
        var response = answer.Respond(push, some);
        _oracle.Answer(push, answer, some);
        if (response is null)
            push.Answer.TrySetException(new System.Net.Http.HttpRequestException("broken"));
        else
            push.Answer.TrySetResult(response);
        _latencyIsKnown = push.ArrivedAt > _behindUntil;
    }

    private void Flush()
    {
        Say("flush");
        var end = new TaskCompletionSource<Exception?>();
        _flushes.Add((end.Task, _oracle.Logged));
        _logging.Target.Flush(error => end.TrySetResult(error));
    }

    private async Task ReloadAsync()
    {
        Say("reload");
        // What NLog has not handed over when the old instance is closed belongs to the ledger too.
        Log(_random.Next(10));
        var target = CreateTarget();
        await BehindAsync(() => _logging.Reload(target));
        await AccountRegistry.Account(_logging.Factory, "loki", _time).Closing;
    }

    // NLog flushes before it closes, and waits on the test's clock.
    private async Task BehindAsync(Action action)
    {
        var done = Task.Run(action);
        await Wait.UntilAsync(
            () =>
            {
                if (!done.IsCompleted && IsQuiet())
                    Hop(_time.Elapsed + s_crookedStep);
                return done.IsCompleted;
            },
            "the end of a reload or close",
            tickMilliseconds: 1);
        await done;
        // A request that its thread began meanwhile may have come to the server a step later.
        _behindUntil = _time.Elapsed;
    }

    private async Task AdvanceAsync(TimeSpan by)
    {
        // Of several time-outs nobody knows the last.
        _latencyIsKnown = false;
        Say($"advance {by}");
        var end = _time.Elapsed + by;
        for (var hops = 0; _time.Elapsed < end; hops++)
        {
            Assert.That(hops, Is.LessThan(5000), "timers that fire and fire");
            await QuietAsync();
            Hop(end);
        }
    }

    // To the next timer at most, so that nothing starts at an instant that the clock has left.
    private void Hop(TimeSpan end)
    {
        var next = _time.NextDue is { } due && due < end ? due : end;
        _time.Advance(next > _time.Elapsed ? next - _time.Elapsed : TimeSpan.Zero);
    }

    private async Task QuietAsync()
    {
        for (var i = 0; i < 100 && !IsQuiet(); i++)
            await Task.Yield();
        var queue = new QueueWatch();
        await Wait.UntilAsync(
            () =>
            {
                queue.Look(_logging.Target);
                return IsQuiet();
            },
            "quiet",
            tickMilliseconds: 1,
            state: () => Statistics);
    }

    // NLog's queue is empty, each request that was begun has come to the server, and what follows from each answer is decided.
    private bool IsQuiet()
    {
        if (!EmptyQueue.Of(_logging.Target))
            return false;
        var statistics = Statistics;
        return statistics.InFlight == _oracle.InFlight && statistics.Requests == _oracle.Requests
            && _logging.UnderWay == _oracle.Held.Count;
    }

    private async Task CheckAsync()
    {
        string differences;
        var patience = Stopwatch.StartNew();
        // NLog hands over, and requests begin, on other threads.
        var queue = new QueueWatch();
        while ((differences = Differences()).Length > 0 && patience.Elapsed < TimeSpan.FromSeconds(10))
        {
            queue.Look(_logging.Target);
            await Task.Yield();
        }

        Assert.That(differences, Is.Empty, Statistics.ToString());
    }

    private string Differences()
    {
        var statistics = Statistics;
        var differences = new List<string>();
        void Same(string term, long actual, long expected)
        {
            if (actual != expected)
                differences.Add($"{term} is {actual} and must be {expected}");
        }

        Same("the balance", statistics.Delivered + statistics.Rejected + statistics.Dropped + statistics.Pending, statistics.Emitted);
        Same("emitted", statistics.Emitted, _oracle.Logged);
        Same("delivered", statistics.Delivered, _oracle.Count(OraclePlace.Delivered));
        Same("queued", statistics.Queued, 0);
        Same("in flight", statistics.InFlight, _oracle.InFlight);
        Same("requests", statistics.Requests, _oracle.Requests);
        // What times out in the moment of the close is an error or is not, and its entries are lost to one or the other.
        Same("errors", Math.Clamp(statistics.Errors, _errorsBeforeClose ?? _oracle.Errors, _oracle.Errors), statistics.Errors);
        Same("resent", statistics.Resent, _oracle.Resent);
        Same("bytes", statistics.BytesSent, _oracle.BytesSent);
        Same("metadata cut", statistics.MetadataCut, _oracle.MetadataCut);
        Same("trips", statistics.CircuitBreakerTrips, _oracle.Trips);
        Same("open", statistics.CircuitBreakerOpen ? 1 : 0, _oracle.IsBreakerOpen ? 1 : 0);
        if (_latencyIsKnown)
            Same("latency", statistics.LastLatency.Ticks, _oracle.LastLatency.Ticks);
        var evicted = statistics.CountOf(LokiDropReason.BufferFull);
        var waiting = statistics.Buffered + statistics.Retrying;
        var closed = statistics.CountOf(LokiDropReason.Closed);
        var closedByOracle = _oracle.Lost(LokiDropReason.Closed);
        if (_errorsBeforeClose is null)
        {
            Same("expired", statistics.CountOf(LokiDropReason.Expired), _oracle.Lost(LokiDropReason.Expired));
        }
        else
        {
            closed += statistics.CountOf(LokiDropReason.Expired);
            closedByOracle += _oracle.Lost(LokiDropReason.Expired);
        }

        if (_evicts)
        {
            // Which batch is the oldest is not the oracle's to know; that nothing else is missing, is.
            Same("waiting, evicted or closed", waiting + evicted + closed, _oracle.Count(OraclePlace.Buffered) + _oracle.Count(OraclePlace.Retrying) + closedByOracle);
        }
        else
        {
            Same("evicted", evicted, 0);
            Same("closed", closed, closedByOracle);
            Same("buffered", statistics.Buffered, _oracle.Count(OraclePlace.Buffered));
            Same("retrying", statistics.Retrying, _oracle.Count(OraclePlace.Retrying));
            Same("retrying batches", statistics.RetryingBatches, _oracle.RetryingBatches);
        }

        foreach (var reason in Enum.GetValues<LokiDropReason>().Where(reason => reason is not (LokiDropReason.BufferFull or LokiDropReason.Closed or LokiDropReason.Expired)))
            Same(reason.ToString(), statistics.CountOf(reason), _oracle.Lost(reason));
        differences.AddRange(_oracle.Violations);
        if (!_evicts && _flushes.Exists(flush => flush.End is { IsCompleted: true, Result: null } && _oracle.IsPending(flush.Logged)))
            differences.Add("a flush succeeded with something undelivered");
        return string.Join("; ", differences);
    }

    private void Say(string what) => _trace.Add($"{_time.Elapsed} {what}");
}
