using System;

namespace NLog.Targets.Loki.Delivery;

/// <summary>The arithmetic of pauses: the cap doubles with each failure in a row, and half of it is random.</summary>
internal sealed class Backoff
{
    private readonly TimeSpan _first;
    private readonly TimeSpan _most;
    private readonly Func<double> _random;

    public Backoff(TimeSpan first, TimeSpan most, Func<double> random)
    {
        _first = first;
        _most = most;
        _random = random;
    }

    /// <param name="failures">Failures in a row, 1 for the first.</param>
    public TimeSpan After(int failures)
    {
        // 2^30 first delays are past every allowed maximum; the exponent stays where a double is exact.
        var cap = Math.Min(_most.TotalMilliseconds, _first.TotalMilliseconds * Math.Pow(2, Math.Min(failures - 1, 30)));
        return TimeSpan.FromMilliseconds((cap / 2) + (_random() * cap / 2));
    }
}
