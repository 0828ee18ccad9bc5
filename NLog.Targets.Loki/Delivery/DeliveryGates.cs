using System;
using System.Collections.Generic;
using NLog.Targets.Loki.Batching;
using NLog.Targets.Loki.Connection;
using NLog.Targets.Loki.Contract;
using NLog.Targets.Loki.Diagnostics;

namespace NLog.Targets.Loki.Delivery;

/// <summary>
/// The gates of the endpoint and of its tenants, the circuit breaker, and what an answer means for them. No lock and no clock: the
/// dispatcher brings both.
/// </summary>
internal sealed class DeliveryGates
{
    private static readonly TimeSpan s_holdPause = TimeSpan.FromSeconds(30);

    private readonly Gate _endpoint;
    private readonly LokiOptions _options;
    private readonly Ledger _ledger;
    private readonly Notices _notices;
    private readonly Func<double> _random;
    private readonly Backoff _backoff;

    public DeliveryGates(LokiOptions options, Ledger ledger, Notices notices, Func<double> random)
        : this(options, ledger, notices, random, new Gate(), new TenantGates())
    {
    }

    private DeliveryGates(LokiOptions options, Ledger ledger, Notices notices, Func<double> random, Gate endpoint, TenantGates tenants)
    {
        _options = options;
        _ledger = ledger;
        _notices = notices;
        _random = random;
        _endpoint = endpoint;
        Tenants = tenants;
        _backoff = new Backoff(options.Retry.Delay, options.Retry.MaxDelay, random);
    }

    public TenantGates Tenants { get; }

    public bool IsEndpointClosed => _endpoint.IsClosed;

    public int EndpointFailures => _endpoint.Failures;

    /// <summary>What stands between the entries and Loki just now, for a log line; empty when nothing does.</summary>
    public string Trouble { get; private set; } = "";

    /// <summary>When the endpoint may be asked again.</summary>
    public TimeSpan NotBefore => _endpoint.IsClosed ? _endpoint.NotBefore : TimeSpan.Zero;

    /// <summary>The same gates under other options, for a reload.</summary>
    public DeliveryGates With(LokiOptions options) => new(options, _ledger, _notices, _random, _endpoint, Tenants) { Trouble = Trouble };

    /// <summary>Nothing is sent any more.</summary>
    public void End() => _ledger.Breaker(_endpoint, false);

    /// <summary>Whether the endpoint takes a request; the tenant of a batch has its own gate.</summary>
    public bool CanSend(TimeSpan now, int inFlight) => _endpoint.CanSend(now, inFlight);

    /// <summary>Whether another request may go at all while so many are under way; behind a closed gate one is enough.</summary>
    public bool CanProbe(int inFlight) => inFlight == 0 || !_endpoint.IsClosed;

    public void EndPause()
    {
        _endpoint.EndPause();
        Tenants.EndPause();
    }

    public SendAttempt Begin(StreamQueue stream, List<FlushTicket> tickets) => new(_endpoint.Generation, Tenants.Begin(stream.Key.Tenant), stream.Gate.Generation, tickets);

    /// <summary>The request of a stream is over, whatever came of it.</summary>
    public void End(StreamQueue stream) => Tenants.End(stream.Key.Tenant);

    public void Record(StreamQueue stream, PushOutcome outcome, Verdict verdict, bool refusesEverything, SendAttempt attempt, TimeSpan now)
    {
        switch (outcome.Action)
        {
            case PushAction.Retry when outcome.Scope == PushScope.Stream:
                PassEndpoint(attempt);
                stream.Gate.Fail(attempt.Stream, failures => outcome.RetryAfter ?? _backoff.After(failures), now);
                _notices.Warn("stream", outcome.Summary + " for one stream; its entries wait and are sent again; use fewer label values, or ask for a higher limit");
                break;
            case PushAction.Retry when outcome.Scope == PushScope.Tenant:
                PassEndpoint(attempt);
                Tenants.Of(stream.Key.Tenant).Fail(attempt.Tenant, failures => outcome.RetryAfter ?? _backoff.After(failures), now);
                _notices.Warn("tenant", outcome.Summary + "; entries wait and are sent again; log less, or ask for a higher limit");
                break;
            case PushAction.Retry:
                FailEndpoint(outcome, attempt, now, outcome.RetryAfter);
                break;
            case PushAction.Hold:
                // New credentials are worth a try at once; the same ones are not.
                FailEndpoint(outcome, attempt, now, outcome.RetryAfter ?? (outcome.HasNewCredentials ? null : s_holdPause));
                break;
            case PushAction.Split when refusesEverything:
                FailEndpoint(outcome, attempt, now, s_holdPause);
                break;
            default:
                PassEndpoint(attempt);
                Tenants.Of(stream.Key.Tenant).Pass(attempt.Tenant);
                stream.Gate.Pass(attempt.Stream);
                if (verdict.Kind == VerdictKind.Lost)
                    _notices.Error("rejected", outcome.Summary + $": {verdict.Lost} are counted as {LokiDropReasons.ToText(verdict.TooOld == verdict.Lost ? LokiDropReason.TooOld : verdict.Reason)} and not sent again");
                else if (outcome.Summary.Length > 0)
                    _notices.Warn("answer", outcome.Summary);
                break;
        }

        if (outcome.Action == PushAction.Retry && verdict.Kind == VerdictKind.Lost)
            _notices.Error("given_up", $"{verdict.Lost} entries are given up after {outcome.Summary}, counted as {LokiDropReasons.ToText(verdict.Reason)}");
    }

    private void FailEndpoint(PushOutcome outcome, SendAttempt attempt, TimeSpan now, TimeSpan? pause)
    {
        _endpoint.Fail(attempt.Endpoint, failures => pause ?? PauseAfter(failures), now);
        _ledger.Breaker(_endpoint, _endpoint.Failures >= _options.Retry.BreakerThreshold);
        Trouble = "Loki could not be reached (" + outcome.Summary + "); ";
        _notices.Warn("endpoint", "cannot deliver: " + outcome.Summary + "; entries wait in the buffer and are sent again; check that Loki is up and that endpoint is right");
    }

    private TimeSpan PauseAfter(int failures) =>
        failures >= _options.Retry.BreakerThreshold ? _options.Retry.BreakerReset : _backoff.After(failures);

    private void PassEndpoint(SendAttempt attempt)
    {
        if (!_endpoint.IsClosed)
            return;
        _endpoint.Pass(attempt.Endpoint);
        if (_endpoint.IsClosed)
            return;
        _ledger.Breaker(_endpoint, false);
        Trouble = "";
        _notices.Info("delivering again");
    }
}
