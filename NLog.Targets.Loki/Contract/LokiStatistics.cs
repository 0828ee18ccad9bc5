using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text;

namespace NLog.Targets.Loki;

/// <summary>
/// One consistent snapshot of a target's counters. It balances:
/// <c>Emitted == Delivered + Rejected + Dropped + Queued + Buffered + InFlight + Retrying</c>.
/// Counters of one target name never go down, also across reloads of the configuration.
/// </summary>
public sealed class LokiStatistics
{
    private readonly IReadOnlyDictionary<LokiDropReason, long> _byReason;

    internal LokiStatistics(IReadOnlyDictionary<LokiDropReason, long> byReason) => _byReason = byReason;

    /// <summary>
    /// Events that entered the target's queue in NLog, whatever wrapper, filter or group stands before it, and those that were handed to the
    /// target while it could not run. Never above the truth; for the microseconds in which NLog takes events out of its queue they may be missing.
    /// </summary>
    public long Emitted { get; internal init; }

    /// <summary>Entries that Loki stored: it answered 204 to a request of one stream.</summary>
    public long Delivered { get; internal init; }

    /// <summary>Entries that Loki refused for good.</summary>
    public long Rejected { get; internal init; }

    /// <summary>Events that were given up on this side of the wire.</summary>
    public long Dropped { get; internal init; }

    /// <summary>Events in NLog's own queue, and those that are being handed over. What the queue discards is counted when it does so.</summary>
    public long Queued { get; internal init; }

    /// <summary>Entries that wait for their first request.</summary>
    public long Buffered { get; internal init; }

    /// <summary>Entries in requests that have no answer yet.</summary>
    public long InFlight { get; internal init; }

    /// <summary>Entries that wait for another attempt.</summary>
    public long Retrying { get; internal init; }

    /// <summary>Batches that wait for another attempt.</summary>
    public long RetryingBatches { get; internal init; }

    /// <summary>Requests sent, first attempts and repeats.</summary>
    public long Requests { get; internal init; }

    /// <summary>Requests that failed: no answer, or one that is not an acknowledgement.</summary>
    public long Errors { get; internal init; }

    /// <summary>Requests whose entries had been sent before: the same bytes again, or a part of a batch that was split.</summary>
    public long Resent { get; internal init; }

    /// <summary>Bytes of request bodies as sent, after compression.</summary>
    public long BytesSent { get; internal init; }

    /// <summary>Lines cut to <c>maxLineBytes</c>.</summary>
    public long LinesTruncated { get; internal init; }

    /// <summary>Label values cut to 2048 bytes, and labels past the fifteenth that were sent as structured metadata.</summary>
    public long LabelsCut { get; internal init; }

    /// <summary>Structured metadata values cut or left out because of Loki's limits.</summary>
    public long MetadataCut { get; internal init; }

    /// <summary>Whether the circuit breaker is open: Loki failed several times in a row and is probed from time to time.</summary>
    public bool CircuitBreakerOpen { get; internal init; }

    /// <summary>How often the circuit breaker opened.</summary>
    public long CircuitBreakerTrips { get; internal init; }

    /// <summary>The time the last answered request took.</summary>
    public TimeSpan LastLatency { get; internal init; }

    /// <summary>Everything that will not arrive: dropped and rejected.</summary>
    public long Lost => Dropped + Rejected;

    /// <summary>Everything on its way: queued, buffered, in flight, retrying.</summary>
    public long Pending => Queued + Buffered + InFlight + Retrying;

    /// <summary>How many events ended with this reason.</summary>
    public long CountOf(LokiDropReason reason) => _byReason.TryGetValue(reason, out var count) ? count : 0;

    /// <summary>One line with the terms of the balance, and the reasons that are not zero.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        text.AppendFormat(CultureInfo.InvariantCulture,
            "emitted={0} delivered={1} rejected={2} dropped={3} queued={4} buffered={5} inflight={6} retrying={7} requests={8} errors={9}",
            Emitted, Delivered, Rejected, Dropped, Queued, Buffered, InFlight, Retrying, Requests, Errors);
        foreach (var pair in _byReason.Where(pair => pair.Value != 0))
            text.AppendFormat(CultureInfo.InvariantCulture, " {0}={1}", LokiDropReasons.ToText(pair.Key), pair.Value);
        return text.ToString();
    }

    internal static LokiStatistics Sum(IEnumerable<LokiStatistics> parts)
    {
        var all = parts.ToList();
        if (all.Count == 1)
            return all[0];
        var byReason = LokiDropReasons.All.ToDictionary(reason => reason, reason => all.Sum(part => part.CountOf(reason)));
        return new LokiStatistics(byReason)
        {
            Emitted = all.Sum(part => part.Emitted),
            Delivered = all.Sum(part => part.Delivered),
            Rejected = all.Sum(part => part.Rejected),
            Dropped = all.Sum(part => part.Dropped),
            Queued = all.Sum(part => part.Queued),
            Buffered = all.Sum(part => part.Buffered),
            InFlight = all.Sum(part => part.InFlight),
            Retrying = all.Sum(part => part.Retrying),
            RetryingBatches = all.Sum(part => part.RetryingBatches),
            Requests = all.Sum(part => part.Requests),
            Errors = all.Sum(part => part.Errors),
            Resent = all.Sum(part => part.Resent),
            BytesSent = all.Sum(part => part.BytesSent),
            LinesTruncated = all.Sum(part => part.LinesTruncated),
            LabelsCut = all.Sum(part => part.LabelsCut),
            MetadataCut = all.Sum(part => part.MetadataCut),
            CircuitBreakerOpen = all.Any(part => part.CircuitBreakerOpen),
            CircuitBreakerTrips = all.Sum(part => part.CircuitBreakerTrips),
            LastLatency = all.Select(part => part.LastLatency).DefaultIfEmpty().Max(),
        };
    }
}
