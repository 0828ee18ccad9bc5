using System;
using System.Collections.Generic;
using System.Linq;
using System.Net.Http;
using System.Threading.Tasks;
using NLog.Targets.Loki.Contract;
using NLog.Targets.Loki.Delivery;
using NLog.Targets.Loki.Diagnostics;
using NLog.Targets.Loki.Rendering;

namespace NLog.Targets.Loki.Integration;

/// <summary>What a target name keeps across reloads: ledger, nanoseconds, notices, and the sender that still delivers.</summary>
internal sealed class TargetAccount
{
    private readonly object _lock = new();
    private readonly List<Dispatcher> _senders = new();

    public TargetAccount(string name, TimeProvider time)
    {
        Name = name;
        Clock = new NanosecondClock(time);
        Notices = new Notices("Loki target '" + name + "'", time);
        LokiMeter.Register(name, Ledger);
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
    public Dispatcher Acquire(LokiOptions options, TimeProvider time, Func<double> random, HttpMessageHandler? handler)
    {
        lock (_lock)
        {
            _senders.RemoveAll(sender => sender.Drained.IsCompleted);
            foreach (var sender in _senders)
            {
                if (sender.TryAdopt(options))
                    return sender;
            }

            var created = new Dispatcher(options, Ledger, Notices, time, random, handler);
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

        List<Dispatcher> senders;
        lock (_lock)
            senders = _senders.ToList();
        foreach (var sender in senders)
            sender.Finish(timeout);
    }
}
