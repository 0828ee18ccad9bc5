using System;

namespace NLog.Targets.Loki.Contract;

/// <summary>When to try again.</summary>
internal sealed class RetryOptions
{
    public TimeSpan Delay { get; init; } = TimeSpan.FromMilliseconds(500);

    public TimeSpan MaxDelay { get; init; } = TimeSpan.FromMinutes(1);

    public int Count { get; init; }

    public int BreakerThreshold { get; init; } = 5;

    public TimeSpan BreakerReset { get; init; } = TimeSpan.FromSeconds(30);
}
