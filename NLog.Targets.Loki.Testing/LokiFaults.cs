using System;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;

namespace NLog.Targets.Loki.Testing;

/// <summary>
/// Faults the server commits on pushes. Planned ones are used up one per push in the order they were planned; delay and hang
/// hold until changed. All members may be called from any thread, also while pushes are under way.
/// </summary>
public sealed class LokiFaults
{
    private readonly object _gate = new();
    private readonly LinkedList<(Fault Fault, int Left)> _planned = [];
    private TaskCompletionSource? _hang;
    private long _delayTicks;

    internal LokiFaults()
    {
    }

    /// <summary>How long each push waits, after it was read and before anything else is done.</summary>
    public TimeSpan Delay
    {
        get => new(Interlocked.Read(ref _delayTicks));
        set => Interlocked.Exchange(ref _delayTicks, value.Ticks);
    }

    /// <summary>How many planned faults no push has met yet.</summary>
    public int Planned
    {
        get
        {
            lock (_gate)
            {
                var sum = 0;
                foreach (var (_, left) in _planned)
                {
                    sum += left;
                }

                return sum;
            }
        }
    }

    /// <summary>Answers the next pushes without storing them.</summary>
    /// <param name="count">How many pushes.</param>
    /// <param name="status">The status.</param>
    /// <param name="body">The text, sent as it is.</param>
    /// <param name="headers">Further headers, such as <c>Retry-After</c>; <c>Content-Type</c> replaces the usual one.</param>
    public void Respond(int count, int status, string body = "", (string Name, string Value)[]? headers = null) =>
        Plan(count, new Fault(Stores: false, status, body, headers ?? []));

    /// <summary>Stores the next pushes and answers this status all the same.</summary>
    /// <param name="count">How many pushes.</param>
    /// <param name="status">The status.</param>
    public void StoreThenFail(int count, int status) => Plan(count, new Fault(Stores: true, status, "", []));

    /// <summary>Stores the next pushes and breaks their connections instead of answering.</summary>
    /// <param name="count">How many pushes.</param>
    public void StoreThenAbort(int count) => Plan(count, new Fault(Stores: true, 0, "", []));

    /// <summary>Breaks the connections of the next pushes without storing them.</summary>
    /// <param name="count">How many pushes.</param>
    public void Abort(int count) => Plan(count, new Fault(Stores: false, 0, "", []));

    /// <summary>Reads pushes and leaves them without an answer. Switched off, the waiting ones go on as if nothing had been.</summary>
    /// <param name="on">Whether to hang.</param>
    public void Hang(bool on)
    {
        TaskCompletionSource? ended = null;
        lock (_gate)
        {
            if (on)
            {
                _hang ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            }
            else
            {
                (ended, _hang) = (_hang, null);
            }
        }

        ended?.TrySetResult();
    }

    /// <summary>Forgets planned faults, delay and hang.</summary>
    public void Clear()
    {
        lock (_gate)
        {
            _planned.Clear();
        }

        Delay = TimeSpan.Zero;
        Hang(false);
    }

    internal async Task HoldAsync(CancellationToken stopped)
    {
        if (Delay is { Ticks: > 0 } delay)
        {
            await Task.Delay(delay, stopped).ConfigureAwait(false);
        }

        Task? hang;
        lock (_gate)
        {
            hang = _hang?.Task;
        }

        if (hang is not null)
        {
            await hang.WaitAsync(stopped).ConfigureAwait(false);
        }
    }

    internal Fault? Take()
    {
        lock (_gate)
        {
            if (_planned.First is not { } first)
            {
                return null;
            }

            var (fault, left) = first.Value;
            _planned.RemoveFirst();
            if (left > 1)
            {
                _planned.AddFirst((fault, left - 1));
            }

            return fault;
        }
    }

    private void Plan(int count, Fault fault)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        if (count == 0)
        {
            return;
        }

        lock (_gate)
        {
            _planned.AddLast((fault, count));
        }
    }
}
