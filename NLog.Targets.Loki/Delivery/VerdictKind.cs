namespace NLog.Targets.Loki.Delivery;

/// <summary>What becomes of a batch after an answer.</summary>
internal enum VerdictKind
{
    Delivered,
    Lost,
    Split,
    Strip,
    Retry,
}
