namespace NLog.Targets.Loki.Testing;

/// <summary>What becomes of a connection after the answer of a <see cref="LokiFault"/>, or after the piece of it that is sent.</summary>
public enum LokiFaultEnding
{
    /// <summary>It serves the next request; with a header <c>Connection: close</c> it is closed in order.</summary>
    KeepAlive,

    /// <summary>It is closed without announcement. A client that is still sending, or sends later, gets a reset.</summary>
    Close,

    /// <summary>It is reset (RST).</summary>
    Reset,

    /// <summary>It stays open and silent until the client leaves or the server stops.</summary>
    Stall,
}
