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
public sealed partial class LokiTarget : AsyncTaskTarget
{
    // What lies in NLog's queue is not yet protected by our buffer, so it is emptied within milliseconds and in large steps.
    // Odd, because a value that is set through a base type is seen by being another one.
    private const int HandOverSize = 1021;
    private const int HandOverDelayMilliseconds = 7;

    private static readonly Random s_random = new();

    private readonly TimeProvider _time;
    private readonly Func<double> _random;
    private readonly HttpMessageHandler? _handler;
    private readonly EarlyCapture _early = new();
    private TargetAccount? _account;
    private TargetRun? _run;
    private PropertyText? _text;

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
        // The base must not repeat, delay or time out hand-overs: a timeout of NLog's would start the next one beside the running one.
        _batchSize = new HiddenSetting<int>(10_000, () => base.BatchSize, value => base.BatchSize = value, _ => HandOverSize);
        _taskDelayMilliseconds = new HiddenSetting<int>(1000, () => base.TaskDelayMilliseconds, value => base.TaskDelayMilliseconds = value, _ => HandOverDelayMilliseconds);
        _taskTimeoutSeconds = new HiddenSetting<int>(0, () => base.TaskTimeoutSeconds, value => base.TaskTimeoutSeconds = value, _ => Unset);
        _retryCount = new HiddenSetting<int>(0, () => base.RetryCount, value => base.RetryCount = value, _ => Unset);
        _retryDelayMilliseconds = new HiddenSetting<int>(500, () => base.RetryDelayMilliseconds, value => base.RetryDelayMilliseconds = value, _ => Unset);
        _includeEventProperties = new HiddenSetting<bool>(true, () => base.IncludeEventProperties, value => base.IncludeEventProperties = value, value => value);
        Capture = _early;
        Layout = "${message}${onexception:inner=${newline}${exception:format=toString}}";
        QueueLimit = 100_000;
        OverflowAction = AsyncTargetWrapperOverflowAction.Discard;
    }

    /// <summary>
    /// The counters at this moment, those of earlier instances of this target name included. Targets of one name in one LogFactory count
    /// together, and so do all that have no name. Usable after a close too.
    /// </summary>
    [Browsable(false)]
    public LokiStatistics Statistics => (_account?.Ledger ?? new Ledger()).Snapshot();

    /// <summary>The most hand-overs of this run that ever ran at once; a test holds it at one.</summary>
    internal int MostHandOvers => _run?.MostHandOvers ?? 0;

    /// <summary>The way to NLog's queue; a test takes it away.</summary>
    internal NLogQueueMembers QueueMembers { get; set; } = NLogQueueMembers.Found;

    /// <summary>How long NLog waits before it hands over; a test on a clock of its own waits for nothing.</summary>
    internal int HandOverDelay { get; set; } = HandOverDelayMilliseconds;

    /// <summary>Initialised, but with settings that are not valid: NLog will not close it.</summary>
    internal bool IsMisconfigured { get; private set; }

    /// <summary>How long a close may take: the setting, or, where that is not valid, its default.</summary>
    internal TimeSpan CloseTimeout => _run?.Options.CloseTimeout ?? TimeSpan.FromSeconds(5);

    /// <inheritdoc />
    protected override void InitializeTarget()
    {
        var factory = LoggingConfiguration?.LogFactory ?? LogManager.LogFactory;
        TakeOverHiddenSettings();
        if (IsMisconfigured)
            EndMisconfigured();
        IsMisconfigured = false;
        _run?.Supersede();
        _run = null;
        var account = _account = AccountRegistry.Account(factory, string.IsNullOrEmpty(Name) ? "Loki" : Name, _time);
        StatisticsVariables.Publish(LoggingConfiguration, factory, account);
        account.Notices.UsesStandardError = Diagnostics == LokiDiagnostics.Auto;
        try
        {
            Start(account, factory);
        }
        catch (Exception error)
        {
            // NLog does not close a target that failed, so its account is left when NLog says that the configuration has changed.
            IsMisconfigured = true;
            account.Enter(this);
            // The message of an exception that is not ours may hold a value.
            var reason = error is NLogConfigurationException ? error.Message : error.GetType().Name;
            account.Notices.Error("misconfigured", "nothing is sent, events are counted as misconfigured: " + reason);
            account.Notices.Write();
            throw;
        }
    }

    private void Start(TargetAccount account, LogFactory factory)
    {
        var queue = new NLogQueue(this, QueueMembers, base.FlushAsync);
        var guarded = Guard();
        var wrapped = Wrapping.IsAround(this, LoggingConfiguration);
        var options = new OptionsReader(this, Environment.GetEnvironmentVariable).Read(wrapped);
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

        account.Enter(this);
        var text = _text = new PropertyText((IValueFormatter)factory.ServiceRepository.GetService(typeof(IValueFormatter)),
            Math.Max(options.MaxPropertyBytes, LabelValue.MaxBytes));
        // NLog's wrapping of the line captures more than the line only then; otherwise each layout that NLog finds is a turn more for each event.
        var wraps = IncludeScopeProperties || IncludeScopeNested || IncludeCallSite || IncludeCallSiteStackTrace;
        var line = wraps ? null : guarded as GuardedLayout;
        var capture = new EventCapture(queue.Calls is { } calls ? calls.Call : null, options.IncludeTraceContext, options.SendsEventProperties ? text : null, wrapped, line);
        Capture = _early.Capture = capture;
        if (!wraps)
            _scanned = guarded is GuardedLayout ? capture : guarded;
        base.InitializeTarget();
        _scanned = null;
        // It makes hand-overs no larger than the queue.
        _batchSize.NLogIsDone();
        queue.Attach();
        var hasContext = ContextProperties.Count > 0 || IncludeScopeProperties || IncludeGdc;
        EntryRenderer CreateRenderer() => new(options, base.Layout, capture,
            hasContext ? logEvent => GetContextProperties(logEvent) : _ => null, ExcludeProperties, text, NanosecondClock.Shared);
        var dispatcher = account.Acquire(options, _time, _random, _handler);
        _run = new TargetRun(account, account.Ledger.Open(queue.Counts), options, queue, SyncRoot, CreateRenderer, dispatcher, _time);
        InternalLogger.Info("{0}: pushes to {1}", this, options.Push.Endpoint);
        if (options.Push.ExposesCredentials)
            account.Notices.Warn("plain_http", $"credentials go to {options.Push.Endpoint.Host} over plain http, where anybody on the way can read them; write an https endpoint");
        account.Notices.Write();
    }

    /// <inheritdoc />
    protected override Task WriteAsyncTask(LogEventInfo logEvent, CancellationToken cancellationToken) =>
        WriteAsyncTask(new[] { logEvent }, cancellationToken);

    /// <inheritdoc />
    protected override Task WriteAsyncTask(IList<LogEventInfo> logEvents, CancellationToken cancellationToken) =>
        _run?.Start(logEvents) ?? Task.CompletedTask;

    /// <inheritdoc />
    protected override bool RetryFailedAsyncTask(Exception exception, CancellationToken cancellationToken, int retryCountRemaining, out TimeSpan retryDelay)
    {
        retryDelay = TimeSpan.Zero;
        return false;
    }

    /// <inheritdoc />
    protected override void FlushAsync(AsyncContinuation asyncContinuation)
    {
        if (_run is { } run)
            run.Flush(asyncContinuation);
        else
            asyncContinuation(null);
    }

    /// <inheritdoc />
    protected override void CloseTarget()
    {
        _account?.Close(this);
        // NLog clears its queue at close and tells nobody.
        var residue = _run?.TakeQueue();
        base.CloseTarget();
        _run?.Close(residue!);
    }

    /// <inheritdoc />
    protected override void WriteFailedNotInitialized(AsyncLogEventInfo logEvent, Exception? initializeException)
    {
        if (_run is { } run)
        {
            // During a reload loggers still point to the closed instance for a moment.
            run.HandOverDirectly(logEvent);
            return;
        }

        if (!IsMisconfigured)
        {
            base.WriteFailedNotInitialized(logEvent, initializeException);
            return;
        }

        _account!.Ledger.Lose(_account.Ledger.Direct, LokiDropReason.Misconfigured, 1);
        logEvent.Continuation(initializeException);
    }

    /// <inheritdoc />
    protected override bool SerializeItemValue(LogEventInfo logEvent, string name, object? value, out object? serializedValue)
    {
        // NLog's own text of a scope property throws what ToString throws, and the event would be gone before it is counted.
        serializedValue = _text is not { } text || VolatileProperties.IsImmutable(value) ? value : text.Of(value, CultureInfo.InvariantCulture);
        return true;
    }

    /// <summary>Leaves the account, for a target that failed to initialise, which NLog never closes.</summary>
    internal void EndMisconfigured()
    {
        if (_account!.Close(this))
            _account.Leave();
    }

    private static double NextRandom()
    {
        lock (s_random)
            return s_random.NextDouble();
    }

    private void TakeOverHiddenSettings()
    {
        _batchSize.TakeOver(HandOverSize);
        _taskDelayMilliseconds.TakeOver(HandOverDelay);
        _taskTimeoutSeconds.TakeOver(Unset);
        _retryCount.TakeOver(Unset);
        _retryDelayMilliseconds.TakeOver(Unset);
        // With true NLog would call the line's wrapping for each event.
        _includeEventProperties.TakeOver(false);
    }

    private Layout Guard()
    {
        var line = LineLayout;
        // Where NLog does not show the layout in its wrapping, a guard within would hold the wrapping that holds it.
        if (ReferenceEquals(line, base.Layout))
            return line;
        var guarded = GuardedLayout.Over(line, messageInstead: true);
        if (!ReferenceEquals(guarded, line))
            base.Layout = guarded;
        // Those that were set before they were added are guarded already; what is left are simple layouts and what was set later.
        // NLog asks a simple layout of a property for the value itself, which the guard would turn into text.
        foreach (var property in ContextProperties.Where(property => property?.Layout is not null and not SimpleLayout))
            property.Layout = GuardedLayout.Over(property.Layout);
        foreach (var label in Labels.Where(label => label?.Layout is not null))
            label.Layout = GuardedLayout.Over(label.Layout!);
        return guarded;
    }
}
