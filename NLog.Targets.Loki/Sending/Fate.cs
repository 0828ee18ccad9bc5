namespace NLog.Targets.Loki.Sending;

/// <summary>What becomes of a batch after an answer.</summary>
internal enum FateKind
{
    Delivered,
    Lost,
    Split,
    Strip,
    Retry,
}

/// <summary>Owns one such decision: the kind, and for a loss how many of its entries are lost, how many of them for their age, and why the others.</summary>
internal readonly record struct Fate(FateKind Kind, LokiDropReason Reason = LokiDropReason.Rejected, int Lost = 0, int TooOld = 0);
