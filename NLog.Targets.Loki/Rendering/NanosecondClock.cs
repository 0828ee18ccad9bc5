using System;
using System.Collections.Generic;

namespace NLog.Targets.Loki.Rendering;

/// <summary>
/// Owns the last nanosecond given out by a target. Loki merges entries of one stream with equal nanosecond and text
/// (pkg/chunkenc/unordered.go), and NLog's default clock stands still for milliseconds, so every entry gets its own.
/// </summary>
internal sealed class NanosecondClock
{
    private const long SecondInNanoseconds = 1_000_000_000;
    private const long UnixEpochTicks = 621_355_968_000_000_000;
    private const int KeptOld = 4096;
    private const int OldInARowBeforeFollowing = 100;

    // Nanoseconds since 1970 in an Int64 end in 2262, and Loki's JSON takes nothing else.
    private const long MaxTicks = UnixEpochTicks + (long.MaxValue / 100) - 10_000_000;

    private readonly HashSet<long> _old = new();
    private readonly Queue<long> _oldOrder = new();
    private long _last = long.MinValue;
    private int _oldInARow;

    /// <summary>
    /// A timestamp up to a second behind the newest moves on behind it; an older one was set by the application (or the clock
    /// stepped back) and is kept, moved only off values given out before. After 100 of those in a row the clock is followed.
    /// </summary>
    public long Next(DateTime timestamp)
    {
        var nanoseconds = ToNanoseconds(timestamp);
        if (_last == long.MinValue || nanoseconds >= _last - SecondInNanoseconds)
        {
            _oldInARow = 0;
            // Two days ahead and back again: what was given out there stays a value of its own, see KeepOld.
            return _last = _last == long.MinValue ? nanoseconds : Math.Max(_last + 1, nanoseconds);
        }

        nanoseconds = KeepOld(nanoseconds);
        if (++_oldInARow < OldInARowBeforeFollowing)
            return nanoseconds;
        _oldInARow = 0;
        return _last = nanoseconds;
    }

    private long KeepOld(long nanoseconds)
    {
        while (!_old.Add(nanoseconds))
            nanoseconds++;
        _oldOrder.Enqueue(nanoseconds);
        if (_oldOrder.Count > KeptOld)
            _old.Remove(_oldOrder.Dequeue());
        return nanoseconds;
    }

    // ToUniversalTime honours the hidden bit of the hour that a change of daylight saving repeats; rebuilding the value would
    // lose it. An unspecified kind counts as local, as everywhere in NLog.
    private static long ToNanoseconds(DateTime timestamp)
    {
        var ticks = timestamp.ToUniversalTime().Ticks;
        if (ticks < UnixEpochTicks)
            ticks = UnixEpochTicks;
        else if (ticks > MaxTicks)
            ticks = MaxTicks;
        return (ticks - UnixEpochTicks) * 100;
    }
}
