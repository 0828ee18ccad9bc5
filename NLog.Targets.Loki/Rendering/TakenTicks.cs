using System;

namespace NLog.Targets.Loki.Rendering;

/// <summary>Ticks that were given out, as intervals of neighbours; when it is full it forgets the interval used longest ago. Not thread-safe.</summary>
internal sealed class TakenTicks
{
    // Not an interval, but both ends of the chain by use: its newer one is the one used longest ago.
    private const ushort Ends = 0;

    // A search of all would cost more than looking at these first.
    private const int NearFront = 16;

    private readonly Interval[] _intervals;

    // The intervals by time. No two of them touch, so what follows the end of one is free. In use are _count places from _first on:
    // a clock that never stands still makes an interval of each event, and then one goes at the front for each that comes at the back.
    private readonly ushort[] _byTime;
    private readonly int _capacity;
    private int _first;
    private int _count;
    private ushort _unused;

    // The interval used last, and where the one behind it begins.
    private ushort _last = Ends;
    private long _behindLast;

    /// <param name="capacity">How many intervals are kept, at most 65,535.</param>
    public TakenTicks(int capacity)
    {
        _capacity = capacity;
        _intervals = new Interval[capacity + 1];
        _byTime = new ushort[2 * capacity];
        for (var i = 1; i < capacity; i++)
            _intervals[i].Newer = (ushort)(i + 1);
        _unused = 1;
        _intervals[Ends] = new Interval { Start = long.MaxValue, End = long.MinValue };
    }

    public int Intervals => _count;

    /// <summary>Gives out this tick or, if it is taken, the next one that is free.</summary>
    public long Take(long tick)
    {
        // NLog's default clock gives many events the same time, and each goes to the end of the interval of the one before.
        ref var last = ref _intervals[_last];
        if (tick >= last.Start && tick <= last.End && last.End + 2 < _behindLast)
            return ++last.End;

        var place = FindLastBegun(tick);
        if (place >= _first && tick <= At(place).End + 1)
            return Extend(place);
        if (place + 1 < _first + _count && At(place + 1).Start == tick + 1)
        {
            At(place + 1).Start = tick;
            Use(place + 1);
            return tick;
        }

        if (_count == _capacity)
        {
            ForgetUsedLongestAgo();
            place = FindLastBegun(tick);
        }

        Insert(place + 1, tick);
        return tick;
    }

    private long Extend(int place)
    {
        ref var interval = ref At(place);
        var taken = ++interval.End;
        if (place + 1 < _first + _count && At(place + 1).Start == taken + 1)
        {
            interval.End = At(place + 1).End;
            Remove(place + 1);
            place = FindLastBegun(taken);
        }

        Use(place);
        return taken;
    }

    private ref Interval At(int place) => ref _intervals[_byTime[place]];

    /// <summary>The place of the last interval that begins at this tick or before it, or the one before the first place.</summary>
    private int FindLastBegun(long tick)
    {
        // Most ticks are about as late as the latest, so the search widens from there.
        var (low, high) = (_first + _count - 1, _first + _count);
        while (low > _first && At(low).Start > tick)
            (low, high) = (Math.Max(_first, low - (2 * (high - low))), low);
        low = Math.Max(low, _first);
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            if (At(middle).Start <= tick)
                low = middle + 1;
            else
                high = middle;
        }

        return low - 1;
    }

    private void Insert(int place, long tick)
    {
        if (_first + _count == _byTime.Length)
        {
            Array.Copy(_byTime, _first, _byTime, 0, _count);
            place -= _first;
            _first = 0;
        }

        Array.Copy(_byTime, place, _byTime, place + 1, _first + _count - place);
        var added = _unused;
        _unused = _intervals[added].Newer;
        _byTime[place] = added;
        _count++;
        _intervals[added] = new Interval { Start = tick, End = tick, Older = added, Newer = added };
        Use(place);
    }

    private void ForgetUsedLongestAgo()
    {
        var forgotten = _intervals[Ends].Newer;
        // Where time goes forward it is among the oldest.
        for (var place = _first; place < _first + Math.Min(_count, NearFront); place++)
        {
            if (_byTime[place] == forgotten)
            {
                Remove(place);
                return;
            }
        }

        Remove(FindLastBegun(_intervals[forgotten].Start));
    }

    private void Remove(int place)
    {
        var removed = _byTime[place];
        Unlink(ref _intervals[removed]);
        _intervals[removed].Newer = _unused;
        _unused = removed;
        _count--;
        if (place - _first < _count / 2)
        {
            Array.Copy(_byTime, _first, _byTime, _first + 1, place - _first);
            _first++;
        }
        else
        {
            Array.Copy(_byTime, place + 1, _byTime, place, _first + _count - place);
        }
    }

    private void Use(int place)
    {
        var used = _byTime[place];
        _last = used;
        _behindLast = place + 1 < _first + _count ? At(place + 1).Start : long.MaxValue;
        ref var ends = ref _intervals[Ends];
        if (ends.Older == used)
            return;
        ref var interval = ref _intervals[used];
        Unlink(ref interval);
        interval.Older = ends.Older;
        interval.Newer = Ends;
        _intervals[ends.Older].Newer = used;
        ends.Older = used;
    }

    private void Unlink(ref Interval interval)
    {
        _intervals[interval.Older].Newer = interval.Newer;
        _intervals[interval.Newer].Older = interval.Older;
    }

    private struct Interval
    {
        public long Start;
        public long End;
        public ushort Older;
        public ushort Newer;
    }
}
