namespace NLog.Targets.Loki;

/// <summary>Where the level of an event goes.</summary>
public enum LokiLevelPlacement
{
    /// <summary>A stream label named <c>level</c>; six streams at most.</summary>
    Label,

    /// <summary>Structured metadata named <c>level</c>; fewer streams.</summary>
    Metadata,

    /// <summary>Nowhere; Loki then guesses it from the line.</summary>
    None,
}
