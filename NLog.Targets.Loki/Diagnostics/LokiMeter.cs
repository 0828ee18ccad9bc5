using System;
using System.Collections.Generic;
using System.Diagnostics.Metrics;
using System.Linq;
using NLog.Common;

namespace NLog.Targets.Loki.Diagnostics;

/// <summary>The meter <c>NLog.Targets.Loki</c>: registered ledgers as instruments, which cost nothing until somebody listens.</summary>
internal static class LokiMeter
{
    public const string Name = "NLog.Targets.Loki";

    // Making and disposing of the meter calls the application's listeners, which may ask for measurements at the same time on another
    // thread; those take the list's lock only.
    private static readonly object s_meterLock = new();
    private static readonly List<MeteredLedger> s_ledgers = new();
    private static Meter? s_meter;

    /// <summary>Shows a ledger under the name of its target until <see cref="Unregister"/>.</summary>
    public static MeteredLedger Register(string target, Ledger ledger)
    {
        lock (s_meterLock)
        {
            // Two series with equal tags would be one to a listener, which then reads a counter that jumps back and forth.
            var number = Enumerable.Range(1, s_ledgers.Count + 1)
                .First(candidate => !s_ledgers.Exists(other => other.Target == target && other.Number == candidate));
            var metered = new MeteredLedger(target, number, ledger);
            lock (s_ledgers)
                s_ledgers.Add(metered);
            try
            {
                s_meter ??= Create();
            }
            catch (Exception error)
            {
                // A listener's own; the others are told all the same.
                InternalLogger.Debug(error, "Loki: a listener of the meter failed");
            }

            return metered;
        }
    }

    /// <summary>The last one takes the instruments with it: a static meter would keep the assembly from being unloaded.</summary>
    public static void Unregister(MeteredLedger ledger)
    {
        lock (s_meterLock)
        {
            lock (s_ledgers)
                s_ledgers.Remove(ledger);
            if (s_ledgers.Count > 0)
                return;
            try
            {
                s_meter?.Dispose();
            }
            catch (Exception error)
            {
                InternalLogger.Debug(error, "Loki: a listener of the meter failed");
            }

            s_meter = null;
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

    private static IEnumerable<Measurement<long>> Read(Func<LokiStatistics, long> value) =>
        Registered().Select(metered => new Measurement<long>(value(metered.Ledger.Snapshot()), metered.Tags()));

    private static IEnumerable<Measurement<long>> ReadLost()
    {
        foreach (var metered in Registered())
        {
            var statistics = metered.Ledger.Snapshot();
            // Every reason from the start, at zero too: an alert on a series that is not there never fires.
            foreach (var reason in LokiDropReasons.All)
                yield return new Measurement<long>(statistics.CountOf(reason), metered.Tags(new KeyValuePair<string, object?>("reason", LokiDropReasons.ToText(reason))));
        }
    }

    private static MeteredLedger[] Registered()
    {
        lock (s_ledgers)
            return s_ledgers.ToArray();
    }
}
