using System;
using System.IO.Compression;

namespace NLog.Targets.Loki.Contract;

/// <summary>How much goes into one request and how much may wait.</summary>
internal sealed class BatchOptions
{
    public int MaxEntries { get; init; } = 10_000;

    public int MaxBodyBytes { get; init; } = 1_048_576;

    public TimeSpan Linger { get; init; } = TimeSpan.FromSeconds(1);

    public long BufferLimitBytes { get; init; } = 67_108_864;

    public bool BlockWhenFull { get; init; }

    public int MaxInFlight { get; init; } = 8;

    public CompressionLevel Compression { get; init; } = CompressionLevel.Fastest;
}
