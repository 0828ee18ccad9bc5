namespace NLog.Targets.Loki.Connection;

/// <summary>What to do with a batch after an answer.</summary>
internal enum PushAction
{
    Delivered,
    Reject,
    Retry,
    Split,

    /// <summary>Once more without structured metadata, which this tenant does not take.</summary>
    Strip,
    Hold,
}
