using System.Collections.Generic;
using NLog.Targets.Loki.Batching;

namespace NLog.Targets.Loki.Delivery;

/// <summary>The flushes that wait, and when waiting has no point any more. Guarded by the sender's lock.</summary>
internal sealed class FlushTracker
{
    private const int FailuresThatEndAFlush = 3;

    private readonly List<FlushTicket> _waiting = new();
    private long _deliveries;

    public bool Any => _waiting.Count > 0;

    /// <summary>A flush waits that began while Loki was known to be down: its probe is short.</summary>
    public bool IsProbing => _waiting.Exists(ticket => ticket.EndpointWasDown);

    /// <summary>The last flush ended with entries left although nothing was delivered in all its time, nor since.</summary>
    public bool LastFailed { get; private set; }

    public List<FlushTicket> Current => new(_waiting);

    public void Add(FlushTicket ticket)
    {
        ticket.DeliveriesBefore = _deliveries;
        _waiting.Add(ticket);
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
        // A slow server has earned the time of the close as well.
        LastFailed = _deliveries == ticket.DeliveriesBefore;
        ticket.GiveUp();
        _waiting.Remove(ticket);
    }

    /// <summary>
    /// The endpoint failed a request. Flushes that it was sent for end, at the first failure where Loki was down before or
    /// refuses to listen at all. True when another one began while the request was under way and wants a probe of its own.
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
