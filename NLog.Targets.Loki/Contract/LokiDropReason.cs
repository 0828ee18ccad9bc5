namespace NLog.Targets.Loki;

/// <summary>Why an event did not reach Loki. The set is closed; the text form is the name in snake case, e.g. <c>queue_full</c>.</summary>
public enum LokiDropReason
{
    /// <summary>NLog's own queue (<c>queueLimit</c>) was full and discarded its oldest events.</summary>
    QueueFull,

    /// <summary>The buffer (<c>bufferLimitBytes</c>) was full and its oldest entries made room.</summary>
    BufferFull,

    /// <summary>The line was longer than <c>maxLineBytes</c> and <c>lineOverflow</c> is <c>Drop</c>.</summary>
    OversizeLine,

    /// <summary>The encoded entry alone is larger than <c>maxBatchBytes</c>, or Loki refused a single entry as too large.</summary>
    OversizeEntry,

    /// <summary>The event could not be rendered. A layout or a property that throws is no such case as a rule: a text stands in its place.</summary>
    RenderError,

    /// <summary>The entry could not be encoded.</summary>
    EncodeError,

    /// <summary>Loki refused the entry for good (400, 422).</summary>
    Rejected,

    /// <summary>Loki refused the entry as too old, or as too far behind its stream.</summary>
    TooOld,

    /// <summary>Loki answered 260: an operator blocks ingestion.</summary>
    Blocked,

    /// <summary>Loki's limit of active streams kept the entry out for ten minutes.</summary>
    StreamLimit,

    /// <summary>The entry was refused again and again while others passed.</summary>
    Poison,

    /// <summary><c>retryCount</c> attempts were used up.</summary>
    Expired,

    /// <summary>The target was closed before the entry could be delivered.</summary>
    Closed,

    /// <summary>The configuration of the target is not valid, so nothing is sent.</summary>
    Misconfigured,
}
