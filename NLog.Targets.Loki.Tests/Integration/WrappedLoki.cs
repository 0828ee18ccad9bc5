using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using NLog.Config;
using NLog.Targets.Loki.Testing;
using NUnit.Framework;

namespace NLog.Targets.Loki.Tests.Integration;

/// <summary>
/// A LogFactory with one Loki target inside wrappers, and the truth about it: what came to the target itself, what its queue
/// discarded, and what the server holds.
/// </summary>
internal sealed class WrappedLoki : IDisposable
{
    private const string Label = "composition";
    private const int MostFlushes = 20;

    private readonly LokiTestServer _server;
    private readonly IReadOnlyList<Wrap> _wraps;
    private readonly int _queueLimit;
    private readonly CountingWrapper.Arrived? _arrived;
    private readonly DiscardListener _discards = new();
    private readonly LogFactory _factory = new() { ThrowConfigExceptions = true };
    private readonly StatisticsWatch _watch;
    private readonly string _id;
    private volatile LokiTarget _target = null!;
    private long _logged;

    /// <param name="server">Where it sends to.</param>
    /// <param name="wraps">What is around it, the outermost first.</param>
    /// <param name="counts">Whether what comes is counted in front of the target; otherwise a wrapper of NLog's stands there.</param>
    /// <param name="queueLimit">That of NLog's queue in the target.</param>
    public WrappedLoki(LokiTestServer server, IReadOnlyList<Wrap> wraps, bool counts, int queueLimit = 100_000)
    {
        _server = server;
        _wraps = wraps;
        _queueLimit = queueLimit;
        _arrived = counts ? new CountingWrapper.Arrived() : null;
        Name = string.Join(" > ", wraps) + $" > Loki, queueLimit {queueLimit}";
        _id = Guid.NewGuid().ToString("N");
        Reload();
        _watch = new StatisticsWatch(() => Statistics, () => Arrived ?? Logged * wraps.Aggregate(1, (repeats, wrap) => repeats * wrap.Repeats), () => _discards.Discarded);
    }

    public string Name { get; }

    public LokiStatistics Statistics => _target.Statistics;

    public long Logged => Interlocked.Read(ref _logged);

    public long Discarded => _discards.Discarded;

    public bool Repeats => _wraps.Any(wrap => wrap.Repeats > 1);

    private long? Arrived => _arrived?.Events;

    /// <summary>Replaces the configuration by an equal one.</summary>
    public void Reload()
    {
        var target = new LokiTarget
        {
            Name = "loki",
            Endpoint = _server.Url.ToString(),
            QueueLimit = _queueLimit,
            TaskDelayMilliseconds = 10,
            // The marker of a flush can be discarded like an event, and then the flush waits for its deadline.
            FlushTimeoutSeconds = 1,
            Labels = { new LokiLabel { Name = Label, Layout = _id } },
            Diagnostics = LokiDiagnostics.None,
        };
        _discards.ListenTo(target);
        Target outermost = _arrived is null ? target : new CountingWrapper(target, _arrived);
        foreach (var wrap in _wraps.Reverse())
            outermost = wrap.Around(outermost);
        var configuration = new LoggingConfiguration(_factory);
        configuration.AddRuleForAllLevels(outermost);
        // Before it is the current one: a target that is not initialised has counted nothing.
        if (_target is null)
            _target = target;
        _factory.Configuration = configuration;
        _target = target;
    }

    /// <summary>Logs lines of which each tenth is an error.</summary>
    public void Log(int count)
    {
        var logger = _factory.GetLogger("wrapped");
        for (var i = 0; i < count; i++)
        {
            var number = Interlocked.Increment(ref _logged);
            logger.Log(number % 10 == 0 ? LogLevel.Error : LogLevel.Info, "line {number}", number);
        }
    }

    public void Flush()
    {
        using var done = new ManualResetEventSlim();
        _factory.Flush(_ => done.Set(), TimeSpan.FromSeconds(5));
        done.Wait(TimeSpan.FromSeconds(10));
    }

    /// <summary>Flushes until nothing comes any more: a wrapper that repeats goes on when the last copy was handed over.</summary>
    public void Settle()
    {
        long? before = -1;
        for (var i = 0; i < MostFlushes && (before != (Arrived ?? Statistics.Emitted) || Statistics.Pending > 0); i++)
        {
            before = Arrived ?? Statistics.Emitted;
            Flush();
        }
    }

    /// <summary>Nothing is under way any more: the books are the truth, now and after the end.</summary>
    public void AssertBooks()
    {
        Settle();
        AssertIsTruth("idle");
        _factory.Shutdown();
        AssertIsTruth("after the end");
        _watch.AssertHeld(Name);
    }

    public void Dispose()
    {
        _factory.Dispose();
        _watch.Dispose();
    }

    private void AssertIsTruth(string when)
    {
        var statistics = Statistics;
        var stored = _server.Entries.Count(entry => entry.Labels.TryGetValue(Label, out var id) && id == _id);
        var what = $"{when}: {Name}; logged={Logged} arrived={Arrived} stored={stored} discarded={Discarded}; {statistics}";
        Assert.Multiple(() =>
        {
            Assert.That(statistics.Emitted, Is.EqualTo(Arrived ?? stored + Discarded), "emitted, " + what);
            Assert.That(statistics.Delivered, Is.EqualTo(stored), "delivered, " + what);
            Assert.That(statistics.CountOf(LokiDropReason.QueueFull), Is.EqualTo(Discarded), "queue_full, " + what);
            Assert.That(statistics.Lost, Is.EqualTo(Discarded), "lost, " + what);
            Assert.That(statistics.Emitted, Is.EqualTo(statistics.Delivered + statistics.Lost), "all of it, " + what);
            if (_wraps.All(wrap => wrap.PassesAll))
                Assert.That(statistics.Emitted, Is.EqualTo(Logged), "all that was logged, " + what);
        });
    }
}
