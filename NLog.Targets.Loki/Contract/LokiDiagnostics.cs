namespace NLog.Targets.Loki;

/// <summary>What the target says on standard error while NLog's internal log is off.</summary>
public enum LokiDiagnostics
{
    /// <summary>Configuration errors, the first failure to deliver, and the number of lost entries: one line each.</summary>
    Auto,

    /// <summary>Nothing.</summary>
    None,
}
