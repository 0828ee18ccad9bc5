namespace NLog.Targets.Loki.Testing;

/// <summary>What could be made out of a body, filled stage by stage.</summary>
internal sealed class PushShape
{
    public long UncompressedBytes { get; set; }

    public int Streams { get; set; }

    public int Entries { get; set; }

    /// <summary>How many entries of the push are new in the store.</summary>
    public int Stored { get; set; }
}
