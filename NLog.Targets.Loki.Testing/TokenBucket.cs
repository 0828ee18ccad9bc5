using System;

namespace NLog.Targets.Loki.Testing;

/// <summary>Go's <c>rate.Limiter</c>: full at first, refilled steadily, and what does not fit takes nothing.</summary>
internal sealed class TokenBucket(TimeProvider clock)
{
    private double _spent;
    private long _at = clock.GetTimestamp();

    public bool TryTake(double amount, double rate, double burst)
    {
        if (double.IsPositiveInfinity(rate))
        {
            return true;
        }

        var now = clock.GetTimestamp();
        _spent = Math.Max(0, _spent - (clock.GetElapsedTime(_at, now).TotalSeconds * rate));
        _at = now;
        if (_spent + amount > burst)
        {
            return false;
        }

        _spent += amount;
        return true;
    }
}
