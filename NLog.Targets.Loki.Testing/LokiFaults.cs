using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;

namespace NLog.Targets.Loki.Testing;

/// <summary>
/// Faults the server commits on pushes. A push meets the first planned fault that is meant for it, in the order they were
/// planned, and uses it up by one; delay and hang hold until changed. Which fault a push met is in <see cref="ReceivedPush.Fault"/>.
/// All members may be called from any thread, also while pushes are under way.
/// </summary>
public sealed class LokiFaults
{
    /// <summary>The count of a fault that holds until <see cref="Clear"/>.</summary>
    public const int Always = int.MaxValue;

    private readonly object _gate = new();
    private readonly List<PlannedFault> _planned = [];
    private TaskCompletionSource? _hang;
    private long _delayTicks;
    private int _fired;

    internal LokiFaults()
    {
    }

    /// <summary>How long each push waits, after it was read and before anything else is done.</summary>
    public TimeSpan Delay
    {
        get => new(Interlocked.Read(ref _delayTicks));
        set => Interlocked.Exchange(ref _delayTicks, value.Ticks);
    }

    /// <summary>How many planned faults no push has met yet; those for ever are not among them.</summary>
    public int Planned
    {
        get
        {
            lock (_gate)
            {
                return (int)Math.Min(int.MaxValue, _planned.Where(planned => !planned.IsForEver).Sum(planned => (long)planned.Left));
            }
        }
    }

    /// <summary>How many pushes met a planned fault since the server was started.</summary>
    public int Fired => Volatile.Read(ref _fired);

    /// <summary>Plans a fault.</summary>
    /// <param name="fault">What is to happen.</param>
    /// <param name="count">How many pushes meet it; <see cref="Always"/> for all until <see cref="Clear"/>.</param>
    /// <param name="when">
    /// Which pushes meet it; null for any. It is asked when the body was read; for a fault that acts while the body is read it
    /// is asked when the headers have arrived, and so before those of other faults. What it throws is answered with a 500.
    /// </param>
    /// <exception cref="ArgumentOutOfRangeException">A number is negative.</exception>
    public void Add(LokiFault fault, int count = 1, Func<IncomingPush, bool>? when = null)
    {
        ArgumentNullException.ThrowIfNull(fault);
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        fault.Check();
        if (count == 0)
        {
            return;
        }

        lock (_gate)
        {
            _planned.Add(new PlannedFault(fault, count, when));
        }
    }

    /// <summary>Answers the next pushes without storing them.</summary>
    /// <param name="count">How many pushes.</param>
    /// <param name="status">The status.</param>
    /// <param name="body">The text, sent as it is.</param>
    /// <param name="headers">Further headers, such as <c>Retry-After</c>; <c>Content-Type</c> replaces the usual one.</param>
    public void Respond(int count, int status, string body = "", (string Name, string Value)[]? headers = null) =>
        Add(new LokiFault { Status = status, Body = body, Headers = headers ?? [] }, count);

    /// <summary>Stores the next pushes and answers this status all the same.</summary>
    /// <param name="count">How many pushes.</param>
    /// <param name="status">The status.</param>
    public void StoreThenFail(int count, int status) => Add(new LokiFault { Stores = true, Status = status }, count);

    /// <summary>Stores the next pushes and resets their connections instead of answering.</summary>
    /// <param name="count">How many pushes.</param>
    public void StoreThenAbort(int count) => Add(new LokiFault { Stores = true, AnswerBytes = 0, Ending = LokiFaultEnding.Reset }, count);

    /// <summary>Reads the next pushes and resets their connections without storing them.</summary>
    /// <param name="count">How many pushes.</param>
    public void Abort(int count) => Add(new LokiFault { Stores = false, AnswerBytes = 0, Ending = LokiFaultEnding.Reset }, count);

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

    /// <summary>Forgets planned faults, delay and hang; a push that has met its fault stays with it.</summary>
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

    /// <summary>The fault that a push meets while it is read. One for any push that was planned earlier goes first, later on.</summary>
    internal LokiFault? TakeForRequest(IncomingPush push) =>
        Take(push, Snapshot().TakeWhile(planned => planned.Fault.ActsOnRequest || planned.When is not null).Where(planned => planned.Fault.ActsOnRequest));

    /// <summary>The fault that a push meets after it was read.</summary>
    internal LokiFault? TakeForAnswer(IncomingPush push) =>
        Take(push, Snapshot().Where(planned => !planned.Fault.ActsOnRequest));

    // The test's own code runs outside the lock: it may ask for the faults again.
    private LokiFault? Take(IncomingPush push, IEnumerable<PlannedFault> candidates) =>
        candidates.FirstOrDefault(planned => (planned.When is null || planned.When(push)) && TryUse(planned))?.Fault;

    private bool TryUse(PlannedFault planned)
    {
        lock (_gate)
        {
            // Another push may have used it up, or the test cleared it.
            if (!_planned.Contains(planned))
            {
                return false;
            }

            planned.Use();
            if (planned.Left == 0)
            {
                _planned.Remove(planned);
            }

            Interlocked.Increment(ref _fired);
            return true;
        }
    }

    private PlannedFault[] Snapshot()
    {
        lock (_gate)
        {
            return [.. _planned];
        }
    }
}
