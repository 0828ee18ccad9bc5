using System;
using System.Net.Http;
using System.Threading;
using System.Threading.Tasks;
using NLog.Targets.Loki.Batching;
using NLog.Targets.Loki.Connection;
using NLog.Targets.Loki.Contract;
using NLog.Targets.Loki.Diagnostics;

namespace NLog.Targets.Loki.Delivery;

/// <summary>
/// The lock, the timer and the requests of one destination. It outlives the target that made it: the next one with the
/// same destination adopts it, otherwise it drains until its deadline.
/// </summary>
internal sealed class Dispatcher
{
    private const int MaxInFlightToEnd = 32;

    private static readonly TimeSpan s_probeTimeout = TimeSpan.FromSeconds(2);

    private readonly object _lock = new();
    private readonly Ledger _ledger;
    private readonly BatchAccounting _accounting;
    private readonly Notices _notices;
    private readonly TimeProvider _time;
    private readonly long _origin;
    private readonly ITimer _timer;
    private readonly CancellationTokenSource _abandon = new();
    private readonly TaskCompletionSource<bool> _drained = new(TaskCreationOptions.RunContinuationsAsynchronously);

    // Under the lock.
    private DeliveryQueue _queue = new();
    private readonly FlushTracker _flushes = new();
    private readonly RetryPolicy _policy = new();
    private readonly SizeCap _sizes = new();
    private readonly MetadataPause _metadataPause = new();
    private readonly ClientSlot _client;
    private LokiOptions _options;
    private DeliveryGates _gates;
    private readonly BackPressure _backPressure = new();
    private ITimer? _closeTimer;
    private int _closings;
    private int _owners = 1;
    private volatile bool _hasTarget = true;
    private int _inFlight;
    private bool _isAbandoned;
    private bool _isFinishing;

    public Dispatcher(LokiOptions options, Ledger ledger, Notices notices, TimeProvider time, Func<double> random, HttpMessageHandler? handler)
    {
        _options = options;
        _ledger = ledger;
        _accounting = new BatchAccounting(ledger, notices);
        _notices = notices;
        _time = time;
        _origin = time.GetTimestamp();
        _gates = new DeliveryGates(options, ledger, notices, random);
        _client = new ClientSlot(options.Push, handler, time);
        _timer = DetachedTimer.Create(time, static state => ((Dispatcher)state!).Pump(), this, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Completes when a closed dispatcher has nothing left: everything is delivered or counted.</summary>
    public Task Drained => _drained.Task;

    private TimeSpan Now => _time.GetElapsedTime(_origin);

    // What can be sent goes now, without linger, before anything has to be dropped.
    private bool IsHalfFull => _queue.HeldBytes > _options.Batch.BufferLimitBytes / 2;

    /// <summary>Whether the endpoint failed or refused the last requests and none has passed since.</summary>
    public bool IsKnownDown()
    {
        lock (_lock)
            return _gates.IsEndpointClosed;
    }

    /// <summary>Whether entries of a tenant may carry structured metadata just now.</summary>
    public bool TakesMetadata(string tenant) => !_metadataPause.WasStarted || !_metadataPause.IsOn(tenant, Now);

    /// <summary>How many requests are under way; what follows from the last answer is decided. A test asks before it moves its clock.</summary>
    public int CountUnderWay()
    {
        lock (_lock)
            return _isAbandoned ? 0 : _inFlight;
    }

    /// <summary>Lets a target with these options go on with this dispatcher: not while another target is alive with it, nor for another destination.</summary>
    public bool TryAdopt(LokiOptions options)
    {
        lock (_lock)
        {
            if (_isAbandoned || _isFinishing || _hasTarget || Destination.Of(options.Push) != _client.Destination)
                return false;
            _hasTarget = true;
            _owners++;
            // A callback that is on its way already belongs to a close that is over.
            _closings++;
            _closeTimer?.Dispose();
            _options = options;
            _gates = _gates.With(options);
            _client.Replace(options.Push, _inFlight);
        }

        Pump();
        return true;
    }

    /// <summary>The target is closed. What it still has to hand over comes before its <see cref="Release"/>.</summary>
    public void LeaveToNext() => _hasTarget = false;

    /// <summary>Takes entries; their bytes are copied. Never throws, never waits. The caller writes the notices afterwards.</summary>
    public void Append(EntryBlock entries, Arrivals from)
    {
        lock (_lock)
        {
            if (_isAbandoned)
            {
                _ledger.Lose(from, LokiDropReason.Closed, entries.Count);
                return;
            }

            var (changes, now) = (_queue.Changes, Now);
            _accounting.Take(entries, from, _queue, now, _options.Batch, _sizes.Most(_options.Batch.MaxBodyBytes, now));
            if (IsHalfFull)
                _queue.QueueDue(now, _options.Batch.Linger, everything: false, oneAtLeast: true);
            Evict();
            if (changes != _queue.Changes)
                Start();
        }
    }

    /// <summary>With <c>overflowAction="Block"</c>: completes when there is room, at once (null) when there is some already.</summary>
    public Task? WaitForSpace()
    {
        if (!_options.Batch.BlockWhenFull)
            return null;
        lock (_lock)
            return _isAbandoned || _queue.HeldBytes <= _options.Batch.BufferLimitBytes ? null : _backPressure.Wait();
    }

    /// <summary>Sends everything accepted so far without linger; the value says how many entries will not have arrived.</summary>
    public Task<long> FlushAsync(TimeSpan timeout)
    {
        FlushTicket ticket;
        lock (_lock)
        {
            if (_isAbandoned)
                return Task.FromResult(0L);
            ticket = _flushes.Begin(_queue.All(), _gates.IsEndpointClosed);
            if (ticket.IsDone)
                return ticket.Task;
            _gates.EndPause();
            var timer = DetachedTimer.Create(_time, _ => GiveUp(ticket), null, timeout);
            ticket.Task.ContinueWith(static (_, state) => ((ITimer)state!).Dispose(), timer, TaskScheduler.Default);
        }

        Pump();
        return ticket.Task;
    }

    /// <summary>One target let go; the last one starts the drain, which ends at the deadline at the latest.</summary>
    public void Release(TimeSpan closeTimeout)
    {
        lock (_lock)
        {
            if (--_owners > 0 || _isAbandoned)
                return;
            // An empty one stays until then too: the target that replaces the closed one may go on with it.
            var closing = ++_closings;
            _closeTimer = DetachedTimer.Create(_time, _ => Abandon(closing), null, closeTimeout);
        }

        Pump();
    }

    /// <summary>The process or NLog goes down: waits for the drain unless Loki is known to be down, then counts the rest.</summary>
    public void Finish(TimeSpan timeout)
    {
        bool hopeless;
        lock (_lock)
        {
            _isFinishing = true;
            hopeless = _flushes.LastFailed || _gates.IsEndpointClosed;
        }

        Pump();
        if (hopeless || !_drained.Task.Wait(timeout))
            Abandon();
        _drained.Task.Wait(s_probeTimeout); // The close timer may have come first, and the process must not end before it has spoken.
    }

    /// <summary>Gives up: whatever is left is counted as closed, requests under way are cancelled.</summary>
    /// <param name="closing">Which close has come to its deadline; nothing happens if a target adopted the dispatcher after it.</param>
    public void Abandon(int? closing = null)
    {
        var left = 0L;
        lock (_lock)
        {
            if (_isAbandoned || (closing is not null && closing != _closings))
                return;
            _isAbandoned = true;
            foreach (var batch in _queue.All())
            {
                left += batch.Count;
                _accounting.Lose(batch, LokiDropReason.Closed, batch.Count);
                // Its arrays stay with the garbage collector: a request may still be reading them.
                batch.Resolve(batch.Count);
            }

            _queue = new DeliveryQueue();
            _gates.End();
            _backPressure.Free();
            _timer.Dispose();
            _closeTimer?.Dispose();
        }

        if (left > 0)
            _notices.Final("closed", $"{left} entries were not delivered when the target was closed and are lost, counted as closed; {_ledger.Snapshot()}");
        _notices.Write();
        _abandon.Cancel();
        _client.Dispose();
        _drained.TrySetResult(true);
    }

    private void Pump(Action? change = null)
    {
        bool isEmpty;
        lock (_lock)
        {
            if (_isAbandoned)
                return;
            change?.Invoke();
            Start();
            isEmpty = _isFinishing && _queue.IsEmpty;
        }

        if (isEmpty)
            Abandon();
    }

    // Under the lock that made the change it follows from: in between, nobody sees that nothing is under way.
    private void Start()
    {
        var now = Now;
        var hurry = _owners == 0 || _isFinishing || _flushes.Any;
        var most = hurry ? MaxInFlightToEnd : _options.Batch.MaxInFlight;
        _queue.QueueDue(now, _options.Batch.Linger, hurry, IsHalfFull);
        while (_inFlight < most && _gates.CanSend(now, _inFlight) && _queue.Take(now, _gates.IsEndpointClosed, _gates.Tenants) is var (stream, batch))
        {
            _inFlight++;
            _accounting.Send(batch);
            var attempt = _gates.Begin(stream, _flushes.Current);
            DetachedTask.Run(() => SendAsync(stream, batch, attempt));
        }

        Arm(now, most);
    }

    private async Task SendAsync(StreamQueue stream, Batch batch, SendAttempt attempt)
    {
        LokiClient client;
        TimeSpan timeout;
        bool isTooLarge;
        if (batch.TrySeal(_options.Batch.Compression, out var error) is not { } payload)
        {
            _notices.Error("encode", $"a batch could not be encoded and is dropped: {error!.GetType().Name}");
            Settle(stream, () => End(stream, batch, new Verdict(VerdictKind.Lost, LokiDropReason.EncodeError, batch.Count)));
            return;
        }

        lock (_lock)
        {
            if (_isAbandoned)
                return;
            _queue.Count(batch);
            isTooLarge = batch.Count > 1 && batch.BodyBytes > _sizes.Most(long.MaxValue, Now);
            client = _client.Current;
            timeout = _flushes.IsProbing && s_probeTimeout < _options.Push.RequestTimeout ? s_probeTimeout : _options.Push.RequestTimeout;
            attempt = attempt with { Tickets = _flushes.Current };
            if (!isTooLarge)
                _ledger.Request(batch.Attempts++ > 0, payload.Length);
        }

        if (isTooLarge)
        {
            // What is known to be refused is not sent; its parts come back here.
            Settle(stream, () => PutBack(stream, batch, batch.Split()));
            return;
        }

        var answer = await client.PushAsync(payload, batch.Stream.Tenant, timeout, _abandon.Token).ConfigureAwait(false);
        var outcome = PushOutcome.Of(answer);
        if (outcome.RefreshCredentials)
        {
            var (changed, problem) = client.RefreshCredentials(answer.Credentials);
            outcome = outcome with { HasNewCredentials = changed };
            if (problem is not null)
                _notices.Error("credentials", problem);
        }

        Settle(stream, () => Apply(stream, batch, answer, outcome, attempt));
    }

    private void Settle(StreamQueue stream, Action apply)
    {
        Pump(() =>
        {
            _inFlight--;
            apply();
            _gates.End(stream);
            _flushes.RemoveDone();
            _client.DisposeRetired(_inFlight);
            if (_queue.HeldBytes <= _options.Batch.BufferLimitBytes)
                _backPressure.Free();
        });
        _notices.Write();
    }

    private void Apply(StreamQueue stream, Batch batch, PushAnswer answer, PushOutcome outcome, SendAttempt attempt)
    {
        var now = Now;
        var verdict = _policy.Decide(batch, outcome, _options.Retry, now);
        _ledger.Answer(outcome.Action != PushAction.Delivered, answer.Latency);
        _gates.Record(stream, outcome, verdict, _policy.RefusesEverything, attempt, now);
        if (outcome.IsTooLarge && batch.Count > 1)
            _sizes.Refused(batch.BodyBytes, now);
        switch (verdict.Kind)
        {
            case VerdictKind.Delivered:
                _flushes.Delivered();
                End(stream, batch, verdict);
                break;
            case VerdictKind.Lost:
                End(stream, batch, verdict);
                break;
            case VerdictKind.Split:
                PutBack(stream, batch, batch.Split());
                break;
            case VerdictKind.Strip:
                _metadataPause.Start(batch.Stream.Tenant, now);
                _ledger.Rewritten(0, 0, batch.Count);
                PutBack(stream, batch, batch.Strip());
                break;
            default:
                PutBack(stream, batch, batch);
                break;
        }

        if (!_gates.IsEndpointClosed)
            return;
        if (_flushes.Fail(attempt, outcome.Action == PushAction.Hold, _gates.EndpointFailures))
            _gates.EndPause();
    }

    private void End(StreamQueue stream, Batch batch, Verdict verdict)
    {
        if (verdict.TooOld > 0)
            _accounting.Lose(batch, LokiDropReason.TooOld, verdict.TooOld);
        if (verdict.Lost > verdict.TooOld)
            _accounting.Lose(batch, verdict.Reason, verdict.Lost - verdict.TooOld);
        if (verdict.Lost < batch.Count)
            _accounting.Deliver(batch.Count - verdict.Lost);
        _queue.Finish(stream);
        batch.Resolve(verdict.Lost);
    }

    private void PutBack(StreamQueue stream, Batch whole, params Batch[] parts)
    {
        _accounting.Return(whole, parts);
        _queue.PutBack(stream, parts);
        Evict();
    }

    private void Evict()
    {
        while (!_options.Batch.BlockWhenFull && _queue.HeldBytes > _options.Batch.BufferLimitBytes && _queue.Evict() is { } oldest)
        {
            _accounting.Lose(oldest, LokiDropReason.BufferFull, oldest.Count);
            oldest.Resolve(oldest.Count);
            _notices.Error("buffer_full", $"the buffer of {_options.Batch.BufferLimitBytes} bytes is full and its oldest entries are dropped, counted as buffer_full; {_gates.Trouble}raise bufferLimitBytes to bridge longer outages");
        }
    }

    private void GiveUp(FlushTicket ticket)
    {
        lock (_lock)
            _flushes.GiveUp(ticket);
    }

    private void Arm(TimeSpan now, int most)
    {
        if (_inFlight >= most || !_gates.CanProbe(_inFlight) || _queue.NextDue(_options.Batch.Linger, _gates.Tenants) is not { } due)
            return;
        if (due < _gates.NotBefore)
            due = _gates.NotBefore;
        var wait = due - now;
        _timer.Change(wait > TimeSpan.FromMilliseconds(1) ? wait : TimeSpan.FromMilliseconds(1), Timeout.InfiniteTimeSpan);
    }
}
