namespace NLog.Targets.Loki;

/// <summary>What happens to a line longer than <c>maxLineBytes</c>.</summary>
public enum LokiLineOverflow
{
    /// <summary>It is cut between characters and counted as <see cref="LokiStatistics.LinesTruncated"/>.</summary>
    Truncate,

    /// <summary>The event is dropped and counted as <c>oversize_line</c>.</summary>
    Drop,
}
