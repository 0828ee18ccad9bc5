using System;
using System.Runtime.CompilerServices;

namespace NLog.Targets.Loki.Rendering;

/// <summary>
/// Gives each entry a nanosecond of its own. Loki merges entries of one stream with equal nanosecond and text
/// (pkg/chunkenc/unordered.go), and NLog's default clock stands still for milliseconds, so every entry gets its own.
/// </summary>
internal sealed class NanosecondClock
{
    private const long SecondInNanoseconds = 1_000_000_000;
    private const long UnixEpochTicks = 621_355_968_000_000_000;
    private const int OldInARowBeforeFollowing = 100;

    // Nanoseconds since 1970 in an Int64 end in 2262, and Loki's JSON takes nothing else.
    private const long MaxTicks = UnixEpochTicks + (long.MaxValue / 100) - 10_000_000;

    private readonly TimeProvider _time;
    // Apart from each other, so that a busy present does not push out the values of a replayed past.
    private readonly RecentNanoseconds _moved = new();
    private readonly RecentNanoseconds _kept = new();
    private long _last = long.MinValue;
    private long _highest = long.MinValue;
    private int _oldInARow;
    private ulong _convertedBits = ulong.MaxValue;
    private long _converted;

    /// <param name="time">Gives the time of events whose timestamp Loki cannot hold.</param>
    public NanosecondClock(TimeProvider time) => _time = time;

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
            return _last = GiveOut(_last == long.MinValue ? nanoseconds : Math.Max(_last + 1, nanoseconds), _moved);
        }

        nanoseconds = GiveOut(nanoseconds, _kept);
        if (++_oldInARow < OldInARowBeforeFollowing)
            return nanoseconds;
        _oldInARow = 0;
        return _last = nanoseconds;
    }

    // A jump ahead and back leads to times that were given out before the jump.
    private long GiveOut(long nanoseconds, RecentNanoseconds recent)
    {
        if (nanoseconds <= _highest)
        {
            while (_moved.Contains(nanoseconds) || _kept.Contains(nanoseconds))
                nanoseconds++;
        }

        _highest = Math.Max(_highest, nanoseconds);
        recent.Add(nanoseconds);
        return nanoseconds;
    }

    // ToUniversalTime honours the hidden bit of the hour that a change of daylight saving repeats; rebuilding the value would
    // lose it. An unspecified kind counts as local, as everywhere in NLog.
    private long ToNanoseconds(DateTime timestamp)
    {
        // NLog's default clock gives many events the same time, and a time zone costs more than all the rest here. All bits are
        // compared, the hidden one too.
        var bits = Unsafe.As<DateTime, ulong>(ref timestamp);
        if (bits == _convertedBits)
            return _converted;
        var ticks = timestamp.ToUniversalTime().Ticks;
        // An hour that was never meant, such as default(DateTime), would only be refused.
        if (ticks is < UnixEpochTicks or > MaxTicks)
            return (_time.GetUtcNow().UtcTicks - UnixEpochTicks) * 100;
        _convertedBits = bits;
        return _converted = (ticks - UnixEpochTicks) * 100;
    }
}
