namespace NLog.Targets.Loki.Delivery;

/// <summary>One decision about a batch: the kind, and for a loss how many of its entries are lost, how many of them for their age, and why the others.</summary>
internal readonly record struct Verdict(VerdictKind Kind, LokiDropReason Reason = LokiDropReason.Rejected, int Lost = 0, int TooOld = 0);
