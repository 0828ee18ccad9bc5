using System;
using NLog.Targets.Loki.Batching;
using NLog.Targets.Loki.Configuration;

namespace NLog.Targets.Loki.Sending;

/// <summary>
/// Owns the memory of refusals that tells a bad entry from a bad server, and decides with it what becomes of a batch. No
/// lock and no clock: the sender brings both.
/// </summary>
internal sealed class Refusals
{
    /// <summary>Below it a batch is not halved for a timeout or a rate: requests would only get more.</summary>
    private const int FloorBytes = 65_536;

    // Halving down to one entry of a full batch takes 14 refusals in a row; two bad entries side by side a few more.
    private const int MostSplitsInARow = 40;
    private const int MostTimeouts = 2;
    private const int MostBreaks = 5;
    private const int PoisonRefusals = 3;

    // Behind a balancer with one broken server of two, any entry is refused three times in a row now and then.
    private const int PoisonRefusalsAlone = 20;

    private static readonly TimeSpan s_streamLimitPatience = TimeSpan.FromMinutes(10);

    private int _splitsInARow;
    private long _passes;

    /// <summary>The batch comes back with an answer at <paramref name="now"/>.</summary>
    public Fate Decide(Batch batch, PushOutcome outcome, RetryOptions options, TimeSpan now)
    {
        switch (outcome.Action)
        {
            case PushAction.Delivered:
                _splitsInARow = 0;
                _passes++;
                return new Fate(FateKind.Delivered);
            case PushAction.Reject:
                _splitsInARow = 0;
                var lost = outcome.Rejected.Of(batch.Count);
                return new Fate(FateKind.Lost, outcome.Reason, lost, Math.Min(outcome.Rejected.TooOld, lost));
            case PushAction.Split:
                return Halve(batch, outcome.Reason);
            case PushAction.Strip:
                return batch.IsStripped ? new Fate(FateKind.Lost, outcome.Reason, batch.Count) : new Fate(FateKind.Strip);
            case PushAction.Retry:
                return Again(batch, outcome, options, now);
            default:
                return new Fate(FateKind.Retry);
        }
    }

    private Fate Halve(Batch batch, LokiDropReason reason)
    {
        // A server that refuses every size is not answered with thousands of requests.
        if (++_splitsInARow > MostSplitsInARow)
            return new Fate(FateKind.LostAndHold, reason, batch.Count);
        return batch.Count == 1 ? new Fate(FateKind.Lost, reason, 1) : new Fate(FateKind.Split);
    }

    private Fate Again(Batch batch, PushOutcome outcome, RetryOptions options, TimeSpan now)
    {
        if (options.Count > 0 && batch.Attempts > options.Count)
            return new Fate(FateKind.Lost, LokiDropReason.Expired, batch.Count);
        if (outcome.Reason == LokiDropReason.StreamLimit)
        {
            batch.StreamLimitSince ??= now;
            return now - batch.StreamLimitSince >= s_streamLimitPatience
                ? new Fate(FateKind.Lost, LokiDropReason.StreamLimit, batch.Count)
                : new Fate(FateKind.Retry);
        }

        var isLarge = batch.Count > 1 && batch.BodyBytes > FloorBytes;
        if (outcome.TimedOut)
            return ++batch.Timeouts >= MostTimeouts && isLarge ? new Fate(FateKind.Split) : new Fate(FateKind.Retry);
        // A gateway can break off the upload of whatever is large for it; in an outage the smaller parts do no harm.
        if (!outcome.Answered)
            return ++batch.Breaks >= MostBreaks && isLarge ? new Fate(FateKind.Split) : new Fate(FateKind.Retry);
        if (batch.Refusals++ == 0)
            batch.PassesBefore = _passes;
        // More than the burst of a rate is refused for ever (contract 1.5), and a smaller batch costs no more requests: the gate sets their pace.
        if (outcome.Scope != PushScope.Endpoint)
            return batch.Refusals % PoisonRefusals == 0 && isLarge ? new Fate(FateKind.Split) : new Fate(FateKind.Retry);
        if (batch.Refusals < (batch.Count == 1 ? PoisonRefusalsAlone : PoisonRefusals) || _passes == batch.PassesBefore)
            return new Fate(FateKind.Retry);
        return batch.Count == 1 ? new Fate(FateKind.Lost, LokiDropReason.Poison, 1) : new Fate(FateKind.Split);
    }
}
