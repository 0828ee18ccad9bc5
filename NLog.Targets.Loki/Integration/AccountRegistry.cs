using System;
using System.Collections.Generic;
using System.Linq;
using System.Runtime.CompilerServices;
using NLog.Config;
using NLog.Targets.Loki.Diagnostics;

namespace NLog.Targets.Loki.Integration;

/// <summary>
/// The accounts of each LogFactory. While one of them is in use, NLog's shutdown and the end of the process are listened to and the meter shows
/// it; after the last one nothing is left in the process that would keep this assembly from being unloaded.
/// </summary>
internal static class AccountRegistry
{
    private static readonly TimeSpan s_closeTimeout = TimeSpan.FromSeconds(5);

    // An account stays as long as its factory, so that counters go on when a target of the name comes back.
    private static readonly ConditionalWeakTable<LogFactory, FactoryAccounts> s_factories = new();

    public static TargetAccount Account(LogFactory factory, string name, TimeProvider time)
    {
        lock (s_factories)
        {
            if (!s_factories.TryGetValue(factory, out var accounts))
                s_factories.Add(factory, accounts = new FactoryAccounts());
            if (!accounts.ByName.TryGetValue(name, out var account))
            {
                var weak = new WeakReference<LogFactory>(factory);
                accounts.ByName.Add(name, account = new TargetAccount(name, time, (changed, isUsed) => UseChanged(weak, changed, isUsed)));
            }

            return account;
        }
    }

    public static IReadOnlyList<TargetAccount> Accounts(LogFactory factory)
    {
        lock (s_factories)
            return s_factories.TryGetValue(factory, out var accounts) ? accounts.ByName.Values.ToList() : Array.Empty<TargetAccount>();
    }

    private static void UseChanged(WeakReference<LogFactory> weak, TargetAccount account, bool isUsed)
    {
        // It is alive while a target begins; without it there is nothing to take back but the meter.
        weak.TryGetTarget(out var factory);
        lock (s_factories)
        {
            if (isUsed)
                account.Metered = LokiMeter.Register(account.Name, account.Ledger);
            else if (account.Metered is { } metered)
                LokiMeter.Unregister(metered);
            if (factory is null || !s_factories.TryGetValue(factory, out var accounts))
                return;
            if (isUsed && accounts.InUse++ == 0)
            {
                factory.ConfigurationChanged += OnConfigurationChanged;
                ProcessEnd.Watch(factory);
            }
            else if (!isUsed && --accounts.InUse == 0)
            {
                factory.ConfigurationChanged -= OnConfigurationChanged;
                ProcessEnd.Forget(factory);
            }
        }
    }

    // Raised after the old targets were closed and before Shutdown or Dispose returns (NLog's LogFactory). With a new configuration the
    // drain goes on in the background, so that a reload does not freeze the application.
    private static void OnConfigurationChanged(object? sender, LoggingConfigurationChangedEventArgs change)
    {
        if (sender is not LogFactory factory)
            return;
        var active = change.ActivatedConfiguration?.AllTargets.OfType<LokiTarget>().ToList() ?? new List<LokiTarget>();
        foreach (var account in Accounts(factory))
        {
            // NLog does not close a target that failed to initialise.
            foreach (var failed in account.Targets.Where(target => target.IsMisconfigured && !active.Contains(target)))
                failed.EndMisconfigured();
        }

        if (change.ActivatedConfiguration is not null)
            return;
        var closed = change.DeactivatedConfiguration?.AllTargets.OfType<LokiTarget>().ToList() ?? new List<LokiTarget>();
        var deadline = new Deadline(closed.Select(target => target.CloseTimeout).DefaultIfEmpty(s_closeTimeout).Max());
        foreach (var account in Accounts(factory))
            account.Finish(deadline);
    }

    /// <summary>The accounts of one factory by name, and how many are in use.</summary>
    private sealed class FactoryAccounts
    {
        public Dictionary<string, TargetAccount> ByName { get; } = new(StringComparer.Ordinal);

        public int InUse { get; set; }
    }
}
