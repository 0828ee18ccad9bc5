using System;
using System.IO.Compression;

namespace NLog.Targets.Loki.Contract;

/// <summary>How much goes into one request and how much may wait. The defaults are those of the settings.</summary>
internal sealed class BatchOptions
{
    public int MaxEntries { get; init; }

    public int MaxBodyBytes { get; init; }

    public TimeSpan Linger { get; init; }

    public long BufferLimitBytes { get; init; }

    public bool BlockWhenFull { get; init; }

    public int MaxInFlight { get; init; }

    public CompressionLevel Compression { get; init; }
}
