using System;
using NLog.Time;

namespace Costs;

/// <summary>
/// Owns the time of the events: NLog's usual source, which stands still for the first tenth of each second. In it, NLog's
/// <c>${longdate}</c> allocates 32 bytes for the digits of the fraction, and a round is so short that chance decides whether it meets one.
/// </summary>
internal sealed class EvenTimeSource : CachedTimeSource
{
    private const long Skipped = TimeSpan.TicksPerSecond / 10;

    protected override DateTime FreshTime
    {
        get
        {
            var now = DateTime.Now;
            return now.AddTicks(Math.Max(0, Skipped - (now.Ticks % TimeSpan.TicksPerSecond)));
        }
    }

    public override DateTime FromSystemTime(DateTime systemTime) => systemTime.ToLocalTime();
}
