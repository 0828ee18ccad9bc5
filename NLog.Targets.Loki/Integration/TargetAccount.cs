using System;
using System.Collections.Generic;
using System.Linq;
using System.Net.Http;
using System.Threading.Tasks;
using NLog.Targets.Loki.Contract;
using NLog.Targets.Loki.Delivery;
using NLog.Targets.Loki.Diagnostics;

namespace NLog.Targets.Loki.Integration;

/// <summary>What a target name keeps across reloads: ledger, notices, and the dispatchers that still deliver.</summary>
internal sealed class TargetAccount
{
    private readonly object _lock = new();
    private readonly List<Dispatcher> _dispatchers = new();
    private readonly List<LokiTarget> _targets = new();
    private readonly Action<TargetAccount, bool> _useChanged;
    private int _uses;

    /// <param name="name">The name of the target.</param>
    /// <param name="time">The clock.</param>
    /// <param name="useChanged">Called when the account comes into use (true) and when nothing uses it any more (false).</param>
    public TargetAccount(string name, TimeProvider time, Action<TargetAccount, bool> useChanged)
    {
        Name = name;
        Notices = new Notices("Loki target '" + name + "'", time);
        _useChanged = useChanged;
    }

    public string Name { get; }

    public Ledger Ledger { get; } = new();

    public Notices Notices { get; }

    /// <summary>What the meter shows while the account is in use. Guarded by the registry.</summary>
    public MeteredLedger? Metered { get; set; }

    /// <summary>The runs that closed, until their queues are handed over.</summary>
    public Task Closing { get; private set; } = Task.CompletedTask;

    /// <summary>How many requests are under way; a test asks before it moves its clock.</summary>
    public int CountUnderWay() => Dispatchers().Sum(dispatcher => dispatcher.CountUnderWay());

    /// <summary>The targets of this name that are initialised and not closed.</summary>
    public IReadOnlyList<LokiTarget> Targets
    {
        get
        {
            lock (_lock)
                return _targets.ToList();
        }
    }

    /// <summary>Whether a request may get through to Loki just now, as far as is known.</summary>
    public bool MayDeliver => Dispatchers().Exists(dispatcher => !dispatcher.IsKnownDown());

    /// <summary>A run of a target begins, or fails to; it ends with <see cref="Leave"/>.</summary>
    public void Enter(LokiTarget target)
    {
        lock (_lock)
        {
            if (_targets.Contains(target))
                return;
            _targets.Add(target);
            Use();
        }
    }

    /// <summary>A target is closed; its run may still be handing over. False when it was closed before.</summary>
    public bool Close(LokiTarget target)
    {
        lock (_lock)
            return _targets.Remove(target);
    }

    /// <summary>A run has handed over what it had.</summary>
    public void Leave()
    {
        lock (_lock)
            Unuse();
    }

    /// <summary>Two targets of one name can close at once, and NLog's shutdown waits for both.</summary>
    public void AddClosing(Task closing)
    {
        lock (_lock)
            Closing = Closing.IsCompleted ? closing : Task.WhenAll(Closing, closing);
    }

    /// <summary>The dispatcher to go on with: one that no target uses, of this name and with the same destination, else a new one beside it.</summary>
    public Dispatcher Acquire(LokiOptions options, TimeProvider time, Func<double> random, HttpMessageHandler? handler)
    {
        lock (_lock)
        {
            foreach (var dispatcher in _dispatchers)
            {
                if (dispatcher.TryAdopt(options))
                    return dispatcher;
            }

            var created = new Dispatcher(options, Ledger, Notices, time, random, handler);
            _dispatchers.Add(created);
            Use();
            created.Drained.ContinueWith(
                (_, state) => Forget((Dispatcher)state!), created, default, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
            return created;
        }
    }

    /// <summary>NLog has shut down, or the process ends: what no target adopted is delivered or counted before this returns.</summary>
    public void Finish(Deadline deadline)
    {
        try
        {
            Closing.Wait(deadline.Left);
        }
        catch (AggregateException)
        {
            // Whatever a hand-over failed with, shutting down goes on and counts the rest.
        }

        foreach (var dispatcher in Dispatchers())
        {
            dispatcher.Finish(deadline.Left);
            Forget(dispatcher);
        }
    }

    /// <summary>The process may end now: says what would be lost.</summary>
    public void SayWhatIsLeft()
    {
        var statistics = Ledger.Snapshot();
        if (statistics.Pending > 0)
            Notices.Final("ending", $"{statistics.Pending} entries are not delivered, and are lost if the process ends now; {statistics}");
        Notices.Write();
    }

    private void Forget(Dispatcher dispatcher)
    {
        lock (_lock)
        {
            if (_dispatchers.Remove(dispatcher))
                Unuse();
        }
    }

    private void Use()
    {
        if (_uses++ == 0)
            _useChanged(this, true);
    }

    private void Unuse()
    {
        if (--_uses == 0)
            _useChanged(this, false);
    }

    private List<Dispatcher> Dispatchers()
    {
        lock (_lock)
            return _dispatchers.ToList();
    }
}
