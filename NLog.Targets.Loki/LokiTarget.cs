using System;
using System.Collections.Generic;
using System.ComponentModel;
using System.Linq;
using System.Net.Http;
using System.Threading;
using System.Threading.Tasks;
using NLog.Common;
using NLog.Config;
using NLog.Layouts;
using NLog.Targets.Loki.Configuration;
using NLog.Targets.Loki.Diagnostics;
using NLog.Targets.Loki.Rendering;
using NLog.Targets.Loki.Sending;
using NLog.Targets.Wrappers;

namespace NLog.Targets.Loki;

/// <summary>
/// Sends events to Grafana Loki: <c>&lt;target xsi:type="Loki" name="loki" endpoint="http://localhost:3100" /&gt;</c>. Each event is
/// delivered once or counted with the reason, see <see cref="Statistics"/>; the application never waits.
/// </summary>
[Target("Loki")]
public partial class LokiTarget : AsyncTaskTarget
{
    // What lies in NLog's queue when a process ends is out of our reach, so it is emptied within milliseconds and in large steps.
    private const int HandOverSize = 1000;
    private const int HandOverDelayMilliseconds = 5;

    private static readonly Random s_random = new();
    private static readonly TimeSpan s_settleDelay = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_handOverPatience = TimeSpan.FromMilliseconds(500);

    private readonly TimeProvider _time;
    private readonly Func<double> _random;
    private readonly HttpMessageHandler? _handler;
    private SenderAccount? _account;
    private Arrivals? _arrivals;
    private LokiOptions? _options;
    private LokiSender? _sender;
    private EntryRenderer? _renderer;
    private ITimer? _settleTimer;
    private long _settleEmitted;
    private Task _handOver = Task.CompletedTask;
    private int _handOvers;
    private Layout _layout = Layout.Empty;

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
        Layout = "${message}${onexception:inner=${newline}${exception:format=toString}}";
        base.BatchSize = HandOverSize;
        base.TaskDelayMilliseconds = HandOverDelayMilliseconds;
        // A timeout of NLog's would start the next hand-over beside the running one.
        base.TaskTimeoutSeconds = 0;
        base.RetryCount = 0;
        QueueLimit = 100_000;
        OverflowAction = AsyncTargetWrapperOverflowAction.Discard;
    }

    /// <summary>
    /// The line. Default: <c>${message}</c> and, on an exception, its full text on the following lines.
    /// </summary>
    public new Layout Layout
    {
        get => _layout;
        set
        {
            _layout = value;
            base.Layout = value;
        }
    }

    /// <summary>The counters at this moment, those of earlier instances of this target name included. Usable after a close too.</summary>
    [Browsable(false)]
    public LokiStatistics Statistics => (_account?.Ledger ?? new Ledger()).Snapshot();

    /// <summary>How many hand-overs run at this moment; a test holds it at one.</summary>
    internal int HandOvers => Volatile.Read(ref _handOvers);

    /// <inheritdoc />
    protected override void InitializeTarget()
    {
        var factory = LoggingConfiguration?.LogFactory ?? LogManager.LogFactory;
        var account = _account = SenderRegistry.Account(factory, string.IsNullOrEmpty(Name) ? "Loki" : Name, _time);
        var arrivals = _arrivals = account.Ledger.Open();
        account.Notices.SpeaksOnStandardError = Diagnostics == LokiDiagnostics.Auto;
        var wrapped = IsWrapped();
        try
        {
            _options = new OptionsReader(this, Environment.GetEnvironmentVariable).Read(wrapped);
        }
        catch (NLogConfigurationException error)
        {
            account.Notices.Error("misconfigured", "nothing is sent, events are counted as misconfigured: " + error.Message);
            throw;
        }

        if (OverflowAction == AsyncTargetWrapperOverflowAction.Grow)
        {
            InternalLogger.Info("{0}: overflowAction Grow acts as Discard, so that memory stays bounded", this);
            OverflowAction = AsyncTargetWrapperOverflowAction.Discard;
        }

        if (SendLastFormatParameter)
            InternalLogger.Info("{0}: sendLastFormatParameter is ignored; event properties are sent as structured metadata", this);
        if (!_options.Enabled)
        {
            Capture = null;
            base.InitializeTarget();
            InternalLogger.Info("{0}: switched off by enabled or LOKI_ENABLED", this);
            return;
        }

        var text = new PropertyText((IValueFormatter)factory.ServiceRepository.GetService(typeof(IValueFormatter)));
        var capture = new EventCapture(() => Count(account.Ledger, arrivals), _options.IncludeTraceContext,
            _options.IncludeEventProperties || _options.EventPropertiesAsLabels ? text : null, wrapped);
        Capture = capture;
        base.InitializeTarget();
        var hasContext = ContextProperties.Count > 0 || IncludeScopeProperties || IncludeGdc;
        _renderer = new EntryRenderer(_options, base.Layout, capture,
            hasContext ? logEvent => GetContextProperties(logEvent) : _ => null, ExcludeProperties, text, account.Clock);
        _sender = account.Acquire(_options, _time, _random, _handler);
        _settleTimer = _time.CreateTimer(static state => ((LokiTarget)state!).SettleIdleQueue(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        StatisticsVariables.Publish(LoggingConfiguration, factory, account);
        ProcessEnd.Watch(this);
        InternalLogger.Info("{0}: pushes to {1}", this, _options.Push.Endpoint);
    }

    /// <inheritdoc />
    protected override Task WriteAsyncTask(LogEventInfo logEvent, CancellationToken cancellationToken) =>
        WriteAsyncTask(new[] { logEvent }, cancellationToken);

    /// <inheritdoc />
    protected override Task WriteAsyncTask(IList<LogEventInfo> logEvents, CancellationToken cancellationToken)
    {
        if (_options is not { Enabled: true })
            return Task.CompletedTask;
        // NLog holds SyncRoot here: work would stall logging threads. Its timer carries the context of whoever created the
        // target, so the flow is cut as well.
        var flow = ExecutionContext.IsFlowSuppressed() ? default(AsyncFlowControl?) : ExecutionContext.SuppressFlow();
        try
        {
            return _handOver = Task.Run(() => HandOverAsync(logEvents));
        }
        finally
        {
            flow?.Undo();
        }
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
        if (_sender is not { } sender || _options is not { Enabled: true } options || _arrivals is not { } arrivals)
        {
            asyncContinuation(null);
            return;
        }

        var emitted = arrivals.Emitted;
        // NLog's marker can be discarded by a full queue, so the flush has a deadline of its own from the start.
        var done = new FlushEnd(asyncContinuation);
        var deadline = _time.CreateTimer(static state => ((FlushEnd)state!).Fail("the queue could not be emptied in time"), done, options.FlushTimeout, Timeout.InfiniteTimeSpan);
        base.FlushAsync(error =>
        {
            if (error is null && arrivals.Emitted == emitted)
                _account!.Ledger.SettleEmptyQueue(arrivals, LokiDropReason.QueueFull);
            sender.FlushAsync(options.FlushTimeout).ContinueWith(
                flush =>
                {
                    deadline.Dispose();
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
        var sender = _sender;
        var arrivals = _arrivals;
        _sender = null;
        ProcessEnd.Forget(this);
        arrivals?.Close();
        base.CloseTarget();
        _settleTimer?.Dispose();
        if (sender is null || arrivals is null || _account is not { } account)
            return;
        // Room is not waited for any more once the sender closes, so a blocked hand-over ends now.
        sender.Release(_options!.CloseTimeout);
        var handOver = _handOver;
        if (WaitShortly(handOver))
            SettleAtClose(account.Ledger, arrivals);
        else
            handOver.ContinueWith(_ => SettleAtClose(account.Ledger, arrivals), TaskScheduler.Default);
    }

    /// <inheritdoc />
    protected override void WriteFailedNotInitialized(AsyncLogEventInfo logEvent, Exception? initializeException)
    {
        if (_account is { } account && _arrivals is { } arrivals)
        {
            arrivals.Count();
            account.Ledger.Lose(arrivals, LokiDropReason.Misconfigured, 1);
        }

        base.WriteFailedNotInitialized(logEvent, initializeException);
    }

    /// <summary>For the end of the process: flushes, waits until the deadline at most, and counts the rest.</summary>
    internal void End(TimeSpan timeout)
    {
        using var flushed = new ManualResetEventSlim();
        Flush(_ => flushed.Set());
        flushed.Wait(timeout);
        _sender?.Abandon();
    }

    private static void Count(Ledger ledger, Arrivals arrivals)
    {
        arrivals.Count();
        if (arrivals.IsClosed)
            ledger.Lose(arrivals, LokiDropReason.Closed, 1);
    }

    private static void SettleAtClose(Ledger ledger, Arrivals arrivals)
    {
        ledger.SettleEmptyQueue(arrivals, LokiDropReason.Closed);
        ledger.Fold(arrivals);
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

    private async Task HandOverAsync(IList<LogEventInfo> logEvents)
    {
        Interlocked.Increment(ref _handOvers);
        var sender = _sender;
        var account = _account!;
        var arrivals = _arrivals!;
        for (var i = 0; i < logEvents.Count; i++)
        {
            if (sender is null)
            {
                account.Ledger.Lose(arrivals, LokiDropReason.Closed, 1);
                continue;
            }

            if (sender.WaitForRoom() is { } room)
                await room.ConfigureAwait(false);
            HandOver(logEvents[i], sender, account, arrivals);
        }

        account.Ledger.SettleExcess(arrivals, QueueLimit + (2L * HandOverSize));
        if (Interlocked.Exchange(ref _settleEmitted, arrivals.Emitted) != arrivals.Emitted || arrivals.Emitted != arrivals.Handed)
            _settleTimer?.Change(s_settleDelay, Timeout.InfiniteTimeSpan);
        Interlocked.Decrement(ref _handOvers);
    }

    private void HandOver(LogEventInfo logEvent, LokiSender sender, SenderAccount account, Arrivals arrivals)
    {
        try
        {
            if (_renderer!.Render(logEvent, account.Ledger) is { } reason)
            {
                account.Ledger.Lose(arrivals, reason, 1);
                account.Notices.Warn("line", "a line is longer than maxLineBytes and is dropped; raise maxLineBytes, or write lineOverflow=\"Truncate\"");
                return;
            }
        }
        catch (Exception error)
        {
            account.Ledger.Lose(arrivals, LokiDropReason.RenderError, 1);
            account.Notices.Error("render", $"an event could not be rendered and is dropped: {error.GetType().Name}; check layout, labels and properties");
            return;
        }

        sender.Append(_renderer.Labels, _renderer.Entry, _renderer.Nanoseconds, arrivals);
    }

    // Nothing was logged for a second and nothing came out of the queue: what is missing was discarded by NLog.
    private void SettleIdleQueue()
    {
        if (_account is not { } account || _arrivals is not { } arrivals || HandOvers > 0)
            return;
        if (arrivals.Emitted != Interlocked.Read(ref _settleEmitted))
            return;
        var lost = account.Ledger.SettleEmptyQueue(arrivals, LokiDropReason.QueueFull);
        if (lost > 0)
            account.Notices.Error("queue_full", $"{lost} events were discarded by NLog's full queue, counted as queue_full; raise queueLimit, or log less");
    }

    private bool IsWrapped()
    {
        var targets = LoggingConfiguration?.AllTargets;
        return targets is not null && targets.Any(target => target is WrapperTargetBase wrapper
            ? wrapper.WrappedTarget == this
            : target is CompoundTargetBase compound && compound.Targets.Contains(this));
    }
}
