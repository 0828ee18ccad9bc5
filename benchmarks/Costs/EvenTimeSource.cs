using System;
using NLog.Time;

namespace Costs;

/// <summary>
/// The time of the events: NLog's usual source, whose seconds begin at their first tenth. Before it NLog's <c>${longdate}</c> allocates
/// 32 bytes for the digits of the fraction (StringBuilderExt.Append4DigitsZeroPadded), and chance decides whether a round meets one.
/// </summary>
internal sealed class EvenTimeSource : CachedTimeSource
{
    protected override DateTime FreshTime
    {
        get
        {
            var now = DateTime.Now;
            return now.AddTicks((TimeSpan.TicksPerSecond - (now.Ticks % TimeSpan.TicksPerSecond)) / 10);
        }
    }

    public override DateTime FromSystemTime(DateTime systemTime) => systemTime.ToLocalTime();
}
