using System;

namespace NLog.Targets.Loki.Delivery;

/// <summary>
/// The size of request that the way to Loki was seen to refuse, for a while: a gateway's limit is learned once, not by
/// every batch. No clock of its own.
/// </summary>
internal sealed class SizeCap
{
    private const long LeastBytes = 4096;

    private static readonly TimeSpan s_memory = TimeSpan.FromMinutes(10);

    private long _bytes = long.MaxValue;
    private TimeSpan _until;

    /// <summary>A body of this size was refused as too large.</summary>
    public void Refused(long bodyBytes, TimeSpan now)
    {
        _bytes = Math.Max(LeastBytes, Math.Min(Most(long.MaxValue, now), bodyBytes / 2));
        _until = now + s_memory;
    }

    /// <summary>The largest body to make, at most <paramref name="configured"/>.</summary>
    public long Most(long configured, TimeSpan now) => now < _until ? Math.Min(configured, _bytes) : configured;
}
