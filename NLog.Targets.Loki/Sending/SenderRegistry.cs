using System;
using System.Collections.Generic;
using System.Linq;
using System.Net.Http;
using System.Runtime.CompilerServices;
using System.Threading.Tasks;
using NLog.Config;
using NLog.Targets.Loki.Configuration;
using NLog.Targets.Loki.Diagnostics;
using NLog.Targets.Loki.Rendering;

namespace NLog.Targets.Loki.Sending;

/// <summary>Owns what a target name keeps across reloads: ledger, nanoseconds, notices, and the sender that still delivers.</summary>
internal sealed class SenderAccount
{
    private readonly object _lock = new();
    private readonly List<LokiSender> _senders = new();

    public SenderAccount(string name, TimeProvider time)
    {
        Name = name;
        Clock = new NanosecondClock(time);
        Notices = new Notices("Loki target '" + name + "'", time);
        LokiMeter.Observe(this);
    }

    public string Name { get; }

    public Ledger Ledger { get; } = new();

    public NanosecondClock Clock { get; }

    public Notices Notices { get; }

    /// <summary>The last instance that closed, until its queue is handed over.</summary>
    public Task Closing { get; set; } = Task.CompletedTask;

    /// <summary>How many requests are under way; a test asks before it moves its clock.</summary>
    public int CountUnderWay()
    {
        lock (_lock)
            return _senders.Sum(sender => sender.CountUnderWay());
    }

    /// <summary>The sender to go on with: one of this name with the same destination, else a new one beside it.</summary>
    public LokiSender Acquire(LokiOptions options, TimeProvider time, Func<double> random, HttpMessageHandler? handler)
    {
        lock (_lock)
        {
            _senders.RemoveAll(sender => sender.Drained.IsCompleted);
            foreach (var sender in _senders)
            {
                if (sender.TryAdopt(options))
                    return sender;
            }

            var created = new LokiSender(options, Ledger, Notices, time, random, handler);
            _senders.Add(created);
            return created;
        }
    }

    /// <summary>NLog has shut down: what no target adopted is delivered or counted before this returns.</summary>
    public void Finish(TimeSpan timeout)
    {
        try
        {
            Closing.Wait(timeout);
        }
        catch (AggregateException)
        {
            // Whatever a hand-over failed with, shutting down goes on and counts the rest.
        }

        List<LokiSender> senders;
        lock (_lock)
            senders = _senders.ToList();
        foreach (var sender in senders)
            sender.Finish(timeout);
    }
}

/// <summary>Owns the accounts of each LogFactory, and learns from it when NLog shuts down.</summary>
internal static class SenderRegistry
{
    private static readonly ConditionalWeakTable<LogFactory, Dictionary<string, SenderAccount>> s_accounts = new();

    public static SenderAccount Account(LogFactory factory, string name, TimeProvider time)
    {
        lock (s_accounts)
        {
            if (!s_accounts.TryGetValue(factory, out var accounts))
            {
                s_accounts.Add(factory, accounts = new Dictionary<string, SenderAccount>(StringComparer.Ordinal));
                factory.ConfigurationChanged += OnConfigurationChanged;
            }

            if (!accounts.TryGetValue(name, out var account))
                accounts.Add(name, account = new SenderAccount(name, time));
            return account;
        }
    }

    public static IReadOnlyList<SenderAccount> Accounts(LogFactory factory)
    {
        lock (s_accounts)
            return s_accounts.TryGetValue(factory, out var accounts) ? accounts.Values.ToList() : Array.Empty<SenderAccount>();
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
