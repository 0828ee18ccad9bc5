using System;
using System.Collections.Generic;
using System.Linq;
using NLog.Config;

namespace NLog.Targets.Loki.Integration;

/// <summary>The names under which counters are visible in NLog, as variables and in the layout renderer.</summary>
internal static class StatisticsVariables
{
    public static readonly IReadOnlyDictionary<string, Func<LokiStatistics, long>> Counters =
        new Dictionary<string, Func<LokiStatistics, long>>(StringComparer.OrdinalIgnoreCase)
        {
            ["sent"] = statistics => statistics.Delivered,
            ["errors"] = statistics => statistics.Errors,
            ["dropped"] = statistics => statistics.Lost,
            ["pending"] = statistics => statistics.Pending,
            ["retrying"] = statistics => statistics.RetryingBatches,
            ["flushes"] = statistics => statistics.Requests,
        };

    public static void Publish(LoggingConfiguration? configuration, LogFactory factory, TargetAccount account)
    {
        if (configuration is null)
            return;
        foreach (var counter in Counters)
        {
            var read = counter.Value;
            configuration.Variables[account.Name + "-" + counter.Key] = new CounterLayout(() => read(account.Ledger.Snapshot()));
        }

        // Last, so that a target named "loki" does not hide the sum.
        var accounts = new WeakReference<LogFactory>(factory);
        foreach (var counter in Counters)
        {
            var read = counter.Value;
            configuration.Variables["loki-" + counter.Key] = new CounterLayout(() => accounts.TryGetTarget(out var live) ? read(Sum(live, null)) : 0);
        }
    }

    /// <summary>The counters of one target name, or of all for none.</summary>
    public static LokiStatistics Sum(LogFactory factory, string? name) =>
        LokiStatistics.Sum(AccountRegistry.Accounts(factory)
            .Where(account => string.IsNullOrEmpty(name) || string.Equals(account.Name, name, StringComparison.OrdinalIgnoreCase))
            .Select(account => account.Ledger.Snapshot()));
}
