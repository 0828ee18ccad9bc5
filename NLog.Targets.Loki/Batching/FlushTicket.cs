using System.Threading.Tasks;

namespace NLog.Targets.Loki.Batching;

/// <summary>
/// The wait for everything that was accepted before one flush. Guarded by the dispatcher's lock; it ends once, in
/// <see cref="Task"/>, whose value is how many entries were lost or are still undelivered.
/// </summary>
internal sealed class FlushTicket
{
    private readonly TaskCompletionSource<long> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _open = 1;
    private long _lost;
    private long _pending;

    public FlushTicket(bool endpointWasDown) => EndpointWasDown = endpointWasDown;

    /// <summary>Known before the flush began: one failing probe is answer enough.</summary>
    public bool EndpointWasDown { get; }

    /// <summary>How many batches had been delivered when the flush began.</summary>
    public long DeliveriesBefore { get; set; }

    public Task<long> Task => _done.Task;

    public bool IsDone => _done.Task.IsCompleted;

    public void Expect(long entries)
    {
        _open++;
        _pending += entries;
    }

    /// <summary>A batch came to its end, or (with 0) the flush has seen every batch.</summary>
    public void Resolve(long entries, long lost)
    {
        _pending -= entries;
        _lost += lost;
        if (--_open == 0)
            _done.TrySetResult(_lost);
    }

    /// <summary>Waits no longer.</summary>
    public void GiveUp() => _done.TrySetResult(_lost + System.Math.Max(_pending, 1));
}
