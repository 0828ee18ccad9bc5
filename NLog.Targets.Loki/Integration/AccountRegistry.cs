using System;
using System.Collections.Generic;
using System.Linq;
using System.Runtime.CompilerServices;
using NLog.Config;

namespace NLog.Targets.Loki.Integration;

/// <summary>Keeps the accounts of each LogFactory, and finishes them when NLog shuts down.</summary>
internal static class AccountRegistry
{
    private static readonly ConditionalWeakTable<LogFactory, Dictionary<string, TargetAccount>> s_accounts = new();

    public static TargetAccount Account(LogFactory factory, string name, TimeProvider time)
    {
        lock (s_accounts)
        {
            if (!s_accounts.TryGetValue(factory, out var accounts))
            {
                s_accounts.Add(factory, accounts = new Dictionary<string, TargetAccount>(StringComparer.Ordinal));
                factory.ConfigurationChanged += OnConfigurationChanged;
            }

            if (!accounts.TryGetValue(name, out var account))
                accounts.Add(name, account = new TargetAccount(name, time));
            return account;
        }
    }

    public static IReadOnlyList<TargetAccount> Accounts(LogFactory factory)
    {
        lock (s_accounts)
            return s_accounts.TryGetValue(factory, out var accounts) ? accounts.Values.ToList() : Array.Empty<TargetAccount>();
    }

    // Raised after the old targets were closed and before Shutdown returns (NLog's LogFactory.Configuration). With a new
    // configuration the drain goes on in the background, so that a reload does not freeze the application.
    private static void OnConfigurationChanged(object? sender, LoggingConfigurationChangedEventArgs change)
    {
        if (change.ActivatedConfiguration is not null || sender is not LogFactory factory)
            return;
        var closed = change.DeactivatedConfiguration?.AllTargets.OfType<LokiTarget>().ToList() ?? new List<LokiTarget>();
        var timeout = closed.Count == 0 ? TimeSpan.FromSeconds(5) : TimeSpan.FromSeconds(closed.Max(target => Math.Max(1, target.CloseTimeoutSeconds)));
        foreach (var account in Accounts(factory))
            account.Finish(timeout);
    }
}
