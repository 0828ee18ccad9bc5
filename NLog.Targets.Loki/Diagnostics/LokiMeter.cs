using System;
using System.Collections.Generic;
using System.Diagnostics.Metrics;
using System.Linq;
using NLog.Targets.Loki.Sending;

namespace NLog.Targets.Loki.Diagnostics;

/// <summary>
/// Owns the meter <c>NLog.Targets.Loki</c>: the ledger of every target name as instruments that cost nothing until somebody
/// listens.
/// </summary>
internal static class LokiMeter
{
    public const string Name = "NLog.Targets.Loki";

    private static readonly List<WeakReference<SenderAccount>> s_accounts = new();
    private static Meter? s_meter;

    public static void Observe(SenderAccount account)
    {
        lock (s_accounts)
        {
            s_meter ??= Create();
            // Here too: without a listener nobody reads, and each LogFactory would leave its reference behind.
            s_accounts.RemoveAll(reference => !reference.TryGetTarget(out _));
            s_accounts.Add(new WeakReference<SenderAccount>(account));
        }
    }

    private static Meter Create()
    {
        var meter = new Meter(Name);
        Counter(meter, "nlog.loki.emitted", "{event}", "Events handed to the target", statistics => statistics.Emitted);
        Counter(meter, "nlog.loki.delivered", "{entry}", "Entries stored by Loki", statistics => statistics.Delivered);
        Counter(meter, "nlog.loki.requests", "{request}", "Requests sent, repeats included", statistics => statistics.Requests);
        Counter(meter, "nlog.loki.errors", "{request}", "Requests that failed", statistics => statistics.Errors);
        Counter(meter, "nlog.loki.sent_bytes", "By", "Bytes of request bodies after compression", statistics => statistics.BytesSent);
        meter.CreateObservableGauge("nlog.loki.pending", () => Read(statistics => statistics.Pending), "{entry}", "Entries on their way");
        meter.CreateObservableCounter("nlog.loki.lost", ReadLost, "{event}", "Events that will not arrive, by reason");
        return meter;
    }

    private static void Counter(Meter meter, string name, string unit, string description, Func<LokiStatistics, long> value) =>
        meter.CreateObservableCounter(name, () => Read(value), unit, description);

    private static IEnumerable<Measurement<long>> Read(Func<LokiStatistics, long> value) => Live()
        .Select(account => new Measurement<long>(value(account.Ledger.Snapshot()), new KeyValuePair<string, object?>("target", account.Name)));

    private static IEnumerable<Measurement<long>> ReadLost()
    {
        foreach (var account in Live())
        {
            var statistics = account.Ledger.Snapshot();
            // Every reason from the start, at zero too: an alert on a series that is not there never fires.
            foreach (var reason in LokiDropReasons.All)
            {
                yield return new Measurement<long>(statistics.CountOf(reason),
                    new KeyValuePair<string, object?>("target", account.Name),
                    new KeyValuePair<string, object?>("reason", LokiDropReasons.ToText(reason)));
            }
        }
    }

    private static List<SenderAccount> Live()
    {
        var live = new List<SenderAccount>();
        lock (s_accounts)
        {
            s_accounts.RemoveAll(reference => !reference.TryGetTarget(out _));
            foreach (var reference in s_accounts)
            {
                if (reference.TryGetTarget(out var account))
                    live.Add(account);
            }
        }

        return live;
    }
}
