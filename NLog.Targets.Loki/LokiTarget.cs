using System;
using System.Collections.Generic;
using System.ComponentModel;
using System.Globalization;
using System.Linq;
using System.Net.Http;
using System.Threading;
using System.Threading.Tasks;
using NLog.Common;
using NLog.Layouts;
using NLog.Targets.Loki.Contract;
using NLog.Targets.Loki.Delivery;
using NLog.Targets.Loki.Diagnostics;
using NLog.Targets.Loki.Integration;
using NLog.Targets.Loki.Rendering;
using NLog.Targets.Wrappers;

namespace NLog.Targets.Loki;

/// <summary>
/// Sends events to Grafana Loki: <c>&lt;target xsi:type="Loki" name="loki" endpoint="http://localhost:3100" /&gt;</c>. Each event is
/// delivered once or counted with the reason, see <see cref="Statistics"/>; the application never waits.
/// </summary>
[Target("Loki")]
public partial class LokiTarget : AsyncTaskTarget
{
    // What lies in NLog's queue is not yet protected by our buffer, so it is emptied within milliseconds and in large steps.
    private const int HandOverSize = 1000;
    private const int HandOverDelayMilliseconds = 5;
    private const int QuicklyRendered = 5000;

    private static readonly Random s_random = new();
    private static readonly TimeSpan s_handOverPatience = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan s_settleDelay = TimeSpan.FromSeconds(1);

    private readonly TimeProvider _time;
    private readonly Func<double> _random;
    private readonly HttpMessageHandler? _handler;
    private readonly EarlyCapture _early = new();
    private TargetAccount? _account;
    private Arrivals? _arrivals;
    private TargetRun? _life;
    private PropertyText? _text;
    private bool _isEnabled;
    private ITimer? _settleTimer;
    private long _settleEmitted;
    private Task _handOver = Task.CompletedTask;
    private int _handOvers;
    private Layout _layout = Layout.Empty;
    private Layout? _scanned;

    /// <summary>Creates a target with the defaults of every setting.</summary>
    public LokiTarget()
        : this(TimeProvider.System, null, null)
    {
    }

    internal LokiTarget(TimeProvider time, Func<double>? random, HttpMessageHandler? handler)
    {
        _time = time;
        _random = random ?? NextRandom;
        _handler = handler;
        Capture = _early;
        Layout = "${message}${onexception:inner=${newline}${exception:format=toString}}";
        base.BatchSize = HandOverSize;
        base.TaskDelayMilliseconds = HandOverDelayMilliseconds;
        // A timeout of NLog's would start the next hand-over beside the running one.
        base.TaskTimeoutSeconds = 0;
        base.RetryCount = 0;
        QueueLimit = 100_000;
        OverflowAction = AsyncTargetWrapperOverflowAction.Discard;
    }

    /// <summary>The counters at this moment, those of earlier instances of this target name included. Usable after a close too.</summary>
    [Browsable(false)]
    public LokiStatistics Statistics => (_account?.Ledger ?? new Ledger()).Snapshot();

    /// <summary>The most hand-overs that ever ran at once; a test holds it at one. Written under SyncRoot.</summary>
    internal int MostHandOvers { get; private set; }

    /// <inheritdoc />
    protected override void InitializeTarget()
    {
        var factory = LoggingConfiguration?.LogFactory ?? LogManager.LogFactory;
        var account = _account = AccountRegistry.Account(factory, string.IsNullOrEmpty(Name) ? "Loki" : Name, _time);
        var arrivals = _arrivals = account.Ledger.Open();
        // Before anything can fail: a misconfigured target counts as well.
        StatisticsVariables.Publish(LoggingConfiguration, factory, account);
        account.Notices.UsesStandardError = Diagnostics == LokiDiagnostics.Auto;
        var guarded = Guard();
        var wrapped = Wrapping.IsAround(this, LoggingConfiguration);
        LokiOptions options;
        _life = null;
        try
        {
            options = new OptionsReader(this, Environment.GetEnvironmentVariable).Read(wrapped);
        }
        catch (NLogConfigurationException error)
        {
            _isEnabled = true;
            account.Notices.Error("misconfigured", "nothing is sent, events are counted as misconfigured: " + error.Message);
            account.Notices.Write();
            throw;
        }

        _isEnabled = options.Enabled;

        if (OverflowAction == AsyncTargetWrapperOverflowAction.Grow)
        {
            InternalLogger.Info("{0}: overflowAction Grow acts as Discard, so that memory stays bounded", this);
            OverflowAction = AsyncTargetWrapperOverflowAction.Discard;
        }

        if (SendLastFormatParameter)
            InternalLogger.Info("{0}: sendLastFormatParameter is ignored; event properties are sent as structured metadata", this);
        if (!options.Enabled)
        {
            Capture = _early.Capture = null;
            base.InitializeTarget();
            InternalLogger.Info("{0}: switched off by enabled or LOKI_ENABLED", this);
            return;
        }

        var text = _text = new PropertyText((IValueFormatter)factory.ServiceRepository.GetService(typeof(IValueFormatter)),
            Math.Max(options.MaxPropertyBytes, LabelValue.MaxBytes));
        // NLog's wrapping of the line captures more than the line only then; otherwise each layout that NLog finds is a turn more for each event.
        var wraps = IncludeScopeProperties || IncludeScopeNested || IncludeCallSite || IncludeCallSiteStackTrace;
        var line = wraps ? null : guarded as GuardedLayout;
        var capture = new EventCapture(arrivals, options.IncludeTraceContext, options.SendsEventProperties ? text : null, wrapped, line);
        Capture = _early.Capture = capture;
        if (!wraps)
            _scanned = guarded is GuardedLayout ? capture : guarded;
        base.InitializeTarget();
        _scanned = null;
        var hasContext = ContextProperties.Count > 0 || IncludeScopeProperties || IncludeGdc;
        EntryRenderer CreateRenderer() => new(options, base.Layout, capture,
            hasContext ? logEvent => GetContextProperties(logEvent) : _ => null, ExcludeProperties, text, account.Clock);
        var sender = account.Acquire(options, _time, _random, _handler);
        _life = new TargetRun(account, arrivals, options, CreateRenderer, sender);
        _settleTimer = DetachedTimer.Create(_time, static state => ((LokiTarget)state!).SettleIdleQueue(), this, Timeout.InfiniteTimeSpan);
        ProcessEnd.Watch(this);
        InternalLogger.Info("{0}: pushes to {1}", this, options.Push.Endpoint);
        if (options.Push.ExposesCredentials)
            account.Notices.Warn("plain_http", $"credentials go to {options.Push.Endpoint.Host} over plain http, where anybody on the way can read them; write an https endpoint");
        account.Notices.Write();
    }

    /// <inheritdoc />
    protected override Task WriteAsyncTask(LogEventInfo logEvent, CancellationToken cancellationToken) =>
        WriteAsyncTask(new[] { logEvent }, cancellationToken);

    /// <inheritdoc />
    protected override Task WriteAsyncTask(IList<LogEventInfo> logEvents, CancellationToken cancellationToken)
    {
        if (_life is not { } life)
            return Task.CompletedTask;
        // NLog holds SyncRoot here: work would stall logging threads.
        MostHandOvers = Math.Max(MostHandOvers, Interlocked.Increment(ref _handOvers));
        return _handOver = DetachedTask.Run(() => HandOverAsync(logEvents, life));
    }

    /// <inheritdoc />
    protected override bool RetryFailedAsyncTask(Exception exception, CancellationToken cancellationToken, int retryCountRemaining, out TimeSpan retryDelay)
    {
        retryDelay = TimeSpan.Zero;
        return false;
    }

    /// <inheritdoc />
    protected override void FlushAsync(AsyncContinuation asyncContinuation)
    {
        if (_life is not { } life)
        {
            asyncContinuation(null);
            return;
        }

        var (arrivals, options) = (life.Arrivals, life.Options);
        var emitted = arrivals.Emitted;
        var started = _time.GetTimestamp();
        // NLog's marker can be discarded by a full queue, so emptying it has a deadline of its own from the start.
        var done = new FlushContinuation(asyncContinuation);
        var deadline = DetachedTimer.Create(
            _time, _ => done.Fail($"{life.Account.Ledger.Snapshot().Pending} entries are not delivered, the queue could not be emptied in time"), null, options.FlushTimeout);
        base.FlushAsync(error =>
        {
            deadline.Dispose();
            if (error is null && arrivals.Emitted == emitted)
                life.Account.Ledger.SettleEmptyQueue(arrivals);
            var left = options.FlushTimeout - _time.GetElapsedTime(started);
            life.Sender.FlushAsync(left > TimeSpan.Zero ? left : TimeSpan.Zero).ContinueWith(
                flush =>
                {
                    if (error is not null)
                        done.Fail(error.Message);
                    else if (flush.Result > 0)
                        done.Fail($"{flush.Result} entries are not delivered");
                    else
                        done.Succeed();
                },
                TaskScheduler.Default);
        });
    }

    /// <inheritdoc />
    protected override void CloseTarget()
    {
        ProcessEnd.Forget(this);
        // NLog clears its queue at close and tells nobody.
        var residue = _life is null ? Array.Empty<AsyncLogEventInfo>() : NLogQueue.Take(this);
        base.CloseTarget();
        _settleTimer?.Dispose();
        if (_life is not { } life)
            return;
        life.Close();
        // NLog closes the layouts next, and with them their variables: what can be rendered quickly is rendered before that.
        var rendered = 0;
        if (WaitShortly(_handOver))
        {
            for (; rendered < residue.Count && rendered < QuicklyRendered; rendered++)
                life.HandOver(residue[rendered]);
        }

        var (rest, handOver) = (residue.Skip(rendered).ToList(), _handOver);
        // Off the thread that closes, which holds NLog's locks and may have a context to which nothing can be posted meanwhile.
        life.Account.Closing = DetachedTask.Run(() => CloseAsync(rest, handOver, life));
    }

    /// <inheritdoc />
    protected override void WriteFailedNotInitialized(AsyncLogEventInfo logEvent, Exception? initializeException)
    {
        if (!_isEnabled || _account is not { } account || _arrivals is not { } arrivals)
        {
            base.WriteFailedNotInitialized(logEvent, initializeException);
            return;
        }

        arrivals.Count();
        if (_life is { } life)
        {
            // During a reload loggers still point to the closed instance for a moment; its sender lives on.
            life.HandOver(logEvent);
            return;
        }

        account.Ledger.Lose(arrivals, LokiDropReason.Misconfigured, 1);
        logEvent.Continuation(initializeException);
    }

    /// <inheritdoc />
    protected override bool SerializeItemValue(LogEventInfo logEvent, string name, object? value, out object? serializedValue)
    {
        // NLog's own text of a scope property throws what ToString throws, and the event would be gone before it is counted.
        serializedValue = _text is not { } text || VolatileProperties.IsImmutable(value) ? value : text.Of(value, CultureInfo.InvariantCulture);
        return true;
    }

    /// <summary>For the end of the process: flushes, and waits until the deadline at most.</summary>
    /// <param name="timeout">The deadline.</param>
    /// <param name="isCertain">The rest is lost and counted; otherwise somebody may yet keep the process alive, and it is only said.</param>
    internal void End(TimeSpan timeout, bool isCertain)
    {
        // Not disposed: a flush that ends after the deadline still sets it.
        var flushed = new ManualResetEventSlim();
        Flush(_ => flushed.Set());
        flushed.Wait(timeout);
        if (_life is not { } life)
            return;
        if (isCertain)
        {
            life.Sender.Abandon();
            return;
        }

        var statistics = Statistics;
        if (statistics.Pending > 0)
            life.Account.Notices.Final("ending", $"{statistics.Pending} entries are not delivered, and are lost if the process ends now; {statistics}");
        life.Account.Notices.Write();
    }

    private async Task CloseAsync(IReadOnlyList<AsyncLogEventInfo> residue, Task handOver, TargetRun life)
    {
        try
        {
            await handOver.ConfigureAwait(false);
        }
        catch (Exception error)
        {
            InternalLogger.Error(error, "{0}: the last hand-over failed", this);
        }

        // A thread that was about to queue its event when the target closed has done so by now.
        var late = _life == life ? NLogQueue.Take(this) : Array.Empty<AsyncLogEventInfo>();
        foreach (var logEvent in residue.Concat(late))
            life.HandOver(logEvent);
        life.Account.Ledger.Fold(life.Arrivals);
        life.Sender.Release(life.Options.CloseTimeout);
        life.Account.Notices.Write();
    }

    private static bool WaitShortly(Task task)
    {
        try
        {
            return task.Wait(s_handOverPatience);
        }
        catch (AggregateException)
        {
            return true;
        }
    }

    private static double NextRandom()
    {
        lock (s_random)
            return s_random.NextDouble();
    }

    private async Task HandOverAsync(IList<LogEventInfo> logEvents, TargetRun life)
    {
        try
        {
            for (var next = 0; next < logEvents.Count;)
            {
                if (life.WaitForSpace() is { } room)
                    await room.ConfigureAwait(false);
                next = life.HandOver(logEvents, next);
            }
        }
        finally
        {
            Interlocked.Decrement(ref _handOvers);
        }

        life.NoteDiscarded(life.Account.Ledger.SettleExcess(life.Arrivals, QueueLimit + (2L * HandOverSize)));
        Interlocked.Exchange(ref _settleEmitted, life.Arrivals.Emitted);
        Rearm();
    }

    private void Rearm()
    {
        try
        {
            _settleTimer?.Change(s_settleDelay, Timeout.InfiniteTimeSpan);
        }
        catch (ObjectDisposedException)
        {
            // The target was closed meanwhile, which settles what is missing.
        }
    }

    // Nothing came out of the queue for a second. What is missing was discarded by NLog, or NLog's writer stands still: it is not
    // started when the logging thread that finds the queue empty waits for SyncRoot longer than 50 ms (AsyncTaskTarget.Write),
    // and no later event starts it. A marker does, and comes out behind everything else.
    private void SettleIdleQueue()
    {
        // Whoever holds it may wait for something that a timer's thread would do.
        if (!Monitor.TryEnter(SyncRoot))
        {
            Rearm();
            return;
        }

        try
        {
            if (_life is not { } life || life.IsClosed || Volatile.Read(ref _handOvers) > 0 || life.Arrivals.Emitted == life.Arrivals.Handed)
                return;
            var emitted = life.Arrivals.Emitted;
            var isIdle = Interlocked.Exchange(ref _settleEmitted, emitted) == emitted;
            base.FlushAsync(_ =>
            {
                if (isIdle && life.Arrivals.Emitted == emitted)
                    life.NoteDiscarded(life.Account.Ledger.SettleEmptyQueue(life.Arrivals));
                Rearm();
            });
        }
        finally
        {
            Monitor.Exit(SyncRoot);
        }
    }

    private Layout Guard()
    {
        var guarded = base.Layout = GuardedLayout.Over(_layout, messageInstead: true);
        // Those that were set before they were added are guarded already; what is left are simple layouts and what was set later.
        // NLog asks a simple layout of a property for the value itself, which the guard would turn into text.
        foreach (var property in ContextProperties.Where(property => property?.Layout is not null and not SimpleLayout))
            property.Layout = GuardedLayout.Over(property.Layout);
        foreach (var label in Labels.Where(label => label.Layout is not null))
            label.Layout = GuardedLayout.Over(label.Layout!);
        return guarded;
    }
}
