using System.Collections.Generic;
using NLog.Targets.Loki.Batching;

namespace NLog.Targets.Loki.Delivery;

/// <summary>The flushes that wait, and when waiting has no point any more. Guarded by the dispatcher's lock.</summary>
internal sealed class FlushTracker
{
    private const int FailuresThatEndAFlush = 3;

    private readonly List<FlushTicket> _waiting = new();
    private long _deliveries;

    public bool Any => _waiting.Count > 0;

    /// <summary>Whether a flush waits that began while Loki was known to be down. Its probe has a short time-out.</summary>
    public bool IsProbing => _waiting.Exists(ticket => ticket.EndpointWasDown);

    /// <summary>Whether the last flush ended with entries left, and nothing was delivered during it or since.</summary>
    public bool LastFailed { get; private set; }

    public List<FlushTicket> Current => new(_waiting);

    /// <summary>Begins to wait for all that these batches hold now; done at once when there is nothing.</summary>
    public FlushTicket Begin(IEnumerable<Batch> batches, bool endpointIsDown)
    {
        var ticket = new FlushTicket(endpointIsDown) { DeliveriesBefore = _deliveries };
        foreach (var batch in batches)
            batch.Attach(ticket);
        ticket.Resolve(0, 0);
        if (!ticket.IsDone)
            _waiting.Add(ticket);
        return ticket;
    }

    public void Delivered()
    {
        _deliveries++;
        LastFailed = false;
    }

    public void RemoveDone() => _waiting.RemoveAll(ticket => ticket.IsDone);

    public void GiveUp(FlushTicket ticket)
    {
        if (ticket.IsDone)
            return;
        // A server that is only slow gets the time of the close as well.
        LastFailed = _deliveries == ticket.DeliveriesBefore;
        ticket.GiveUp();
        _waiting.Remove(ticket);
    }

    /// <summary>
    /// The endpoint failed a request. The flushes that waited when it was sent end: at once where Loki was known to be down or holds all
    /// requests, else after three failures. True when another flush began meanwhile, which may send one request of its own.
    /// </summary>
    public bool Fail(SendAttempt attempt, bool isHold, int failures)
    {
        foreach (var ticket in attempt.Tickets)
        {
            if (ticket.EndpointWasDown || isHold || failures >= FailuresThatEndAFlush)
                GiveUp(ticket);
        }

        return _waiting.Exists(ticket => !ticket.IsDone && !attempt.Tickets.Contains(ticket));
    }
}
