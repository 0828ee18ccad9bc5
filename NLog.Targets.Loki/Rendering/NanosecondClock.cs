using System;
using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace NLog.Targets.Loki.Rendering;

/// <summary>
/// Gives each entry a nanosecond of its own. Loki merges entries of one stream with equal nanosecond and text
/// (pkg/chunkenc/unordered.go), and NLog's default clock stands still for milliseconds, so every entry gets its own.
/// </summary>
/// <remarks>
/// An event keeps its time to the tick, and goes to the next free one if that is taken. A tick is a hundred nanoseconds, and which of them
/// it is tells processes apart whose streams have equal labels.
/// </remarks>
internal sealed class NanosecondClock
{
    private const long UnixEpochTicks = 621_355_968_000_000_000;
    private const int NanosecondsPerTick = 100;

    // Nanoseconds since 1970 in an Int64 end in 2262, and Loki's JSON takes nothing else. The second before is for ticks that move.
    private const long MaxTicks = UnixEpochTicks + (long.MaxValue / NanosecondsPerTick) - TimeSpan.TicksPerSecond;

    // NLog's default clock makes one a millisecond at most; AccurateUtc, like a replayed past, one for each of its times. What was taken
    // longer ago than that is given out again, if an event comes with just that tick.
    private const int Intervals = 4096;

    private readonly object _lock = new();
    private readonly TakenTicks _taken = new(Intervals);
    private readonly TimeProvider _time;
    private readonly int _belowTick;
    private ulong _convertedBits = ulong.MaxValue;
    private long _converted;

    /// <param name="process">Neighbours on a machine have numbers that differ below a hundred; those of other machines have another <c>instance</c>.</param>
    /// <param name="time">Gives the time of events whose timestamp Loki cannot hold.</param>
    public NanosecondClock(int process, TimeProvider time)
    {
        _belowTick = process % NanosecondsPerTick;
        _time = time;
    }

    /// <summary>The one of this process: targets with equal labels write to one stream, whichever LogFactory they belong to.</summary>
    public static NanosecondClock Shared { get; } = new(ProcessNumber(), TimeProvider.System);

    /// <summary>Thread-safe. Equal times, one after the other, get rising nanoseconds.</summary>
    public long Next(DateTime timestamp)
    {
        lock (_lock)
            return (_taken.Take(ToUnixTicks(timestamp)) * NanosecondsPerTick) + _belowTick;
    }

    // ToUniversalTime honours the hidden bit of the hour that a change of daylight saving repeats; rebuilding the value would
    // lose it. An unspecified kind counts as local, as everywhere in NLog.
    private long ToUnixTicks(DateTime timestamp)
    {
        // NLog's default clock gives many events the same time, and a time zone costs more than all the rest here. All bits are
        // compared, the hidden one too.
        var bits = Unsafe.As<DateTime, ulong>(ref timestamp);
        if (bits == _convertedBits)
            return _converted;
        var ticks = timestamp.ToUniversalTime().Ticks;
        // An hour that was never meant, such as default(DateTime), would only be refused.
        if (ticks is < UnixEpochTicks or > MaxTicks)
            return _time.GetUtcNow().UtcTicks - UnixEpochTicks;
        _convertedBits = bits;
        return _converted = ticks - UnixEpochTicks;
    }

    private static int ProcessNumber()
    {
#if NET
        return Environment.ProcessId;
#else
        using var process = Process.GetCurrentProcess();
        return process.Id;
#endif
    }
}
