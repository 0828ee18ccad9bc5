using System;

namespace NLog.Targets.Loki.Contract;

/// <summary>When to try again. The defaults are those of the settings.</summary>
internal sealed class RetryOptions
{
    public TimeSpan Delay { get; init; }

    public TimeSpan MaxDelay { get; init; }

    public int Count { get; init; }

    public int BreakerThreshold { get; init; }

    public TimeSpan BreakerReset { get; init; }
}
