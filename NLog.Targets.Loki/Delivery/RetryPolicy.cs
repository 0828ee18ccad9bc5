using System;
using NLog.Targets.Loki.Batching;
using NLog.Targets.Loki.Connection;
using NLog.Targets.Loki.Contract;

namespace NLog.Targets.Loki.Delivery;

/// <summary>
/// Decides what becomes of a batch after an answer. It remembers refusals, to tell a bad entry from a bad server. No
/// lock and no clock: the dispatcher brings both.
/// </summary>
internal sealed class RetryPolicy
{
    /// <summary>Below it a batch is not halved for a timeout or a broken connection: requests would only get more.</summary>
    private const int FloorBytes = 65_536;

    // So many bad entries in a row with nothing good between or beside them are a bad server.
    private const int MostAloneInARow = 8;
    private const int MostTimeouts = 2;
    private const int MostBreaks = 5;
    private const int MostThrottles = 3;
    private const int PoisonFailures = 3;

    // Behind a balancer with one broken server of two, any entry is refused three times in a row now and then.
    private const int PoisonFailuresAlone = 20;

    private static readonly TimeSpan s_streamLimitPatience = TimeSpan.FromMinutes(10);

    private int _aloneInARow;
    private long _passes;

    /// <summary>
    /// The server refuses entry after entry and takes none. It gets the next part only after a pause, and whatever it turns out to
    /// be, the entries it has not seen wait.
    /// </summary>
    public bool RefusesEverything => _aloneInARow >= MostAloneInARow;

    /// <summary>The batch comes back with an answer at <paramref name="now"/>.</summary>
    public Verdict Decide(Batch batch, PushOutcome outcome, RetryOptions options, TimeSpan now)
    {
        switch (outcome.Action)
        {
            case PushAction.Delivered:
                _aloneInARow = 0;
                _passes++;
                return new Verdict(VerdictKind.Delivered);
            case PushAction.Reject:
                _aloneInARow = 0;
                var lost = outcome.Rejected.Of(batch.Count);
                return new Verdict(VerdictKind.Lost, outcome.Reason, lost, Math.Min(outcome.Rejected.TooOld, lost));
            case PushAction.Split:
                return Halve(batch, outcome.Reason);
            case PushAction.Strip:
                return batch.IsStripped ? new Verdict(VerdictKind.Lost, outcome.Reason, batch.Count) : new Verdict(VerdictKind.Strip);
            case PushAction.Retry:
                return Again(batch, outcome, options, now);
            default:
                return new Verdict(VerdictKind.Retry);
        }
    }

    private Verdict Halve(Batch batch, LokiDropReason reason)
    {
        if (batch.Count == 1)
            _aloneInARow++;
        return batch.Count == 1 ? new Verdict(VerdictKind.Lost, reason, 1) : new Verdict(VerdictKind.Split);
    }

    private Verdict Again(Batch batch, PushOutcome outcome, RetryOptions options, TimeSpan now)
    {
        if (options.Count > 0 && batch.Attempts > options.Count)
            return new Verdict(VerdictKind.Lost, LokiDropReason.Expired, batch.Count);
        if (outcome.Reason == LokiDropReason.StreamLimit)
        {
            batch.StreamLimitSince ??= now;
            return now - batch.StreamLimitSince >= s_streamLimitPatience
                ? new Verdict(VerdictKind.Lost, LokiDropReason.StreamLimit, batch.Count)
                : new Verdict(VerdictKind.Retry);
        }

        var isLarge = batch.Count > 1 && batch.BodyBytes > FloorBytes;
        if (outcome.TimedOut)
            return ++batch.Timeouts >= MostTimeouts && isLarge ? new Verdict(VerdictKind.Split) : new Verdict(VerdictKind.Retry);
        // A gateway can break off the upload of whatever is large for it; in an outage the smaller parts do no harm.
        if (!outcome.Answered)
            return ++batch.Breaks >= MostBreaks && isLarge ? new Verdict(VerdictKind.Split) : new Verdict(VerdictKind.Retry);
        // More than the burst of a rate is refused for ever (Loki's rate limiter takes no more at once than its burst), and a smaller batch costs no more requests: the gate sets their pace.
        if (outcome.Scope != PushScope.Endpoint)
            return ++batch.Throttles % MostThrottles == 0 && batch.Count > 1 ? new Verdict(VerdictKind.Split) : new Verdict(VerdictKind.Retry);
        if (batch.ServerFailures++ == 0)
            batch.PassesBefore = _passes;
        if (batch.ServerFailures < (batch.Count == 1 ? PoisonFailuresAlone : PoisonFailures) || _passes == batch.PassesBefore)
            return new Verdict(VerdictKind.Retry);
        return batch.Count == 1 ? new Verdict(VerdictKind.Lost, LokiDropReason.Poison, 1) : new Verdict(VerdictKind.Split);
    }
}
