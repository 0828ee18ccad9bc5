namespace NLog.Targets.Loki.Tests.Support;

/// <summary>What a <see cref="Front"/> does to each new connection.</summary>
internal enum FrontFault
{
    None,

    /// <summary>Resets it at once.</summary>
    Resets,

    /// <summary>Accepts it, reads nothing and never speaks.</summary>
    IsMute,
}
