using System.Collections.Generic;

namespace NLog.Targets.Loki.Rendering;

/// <summary>The last few thousand values that were given out.</summary>
internal sealed class RecentNanoseconds
{
    private const int Kept = 4096;

    private readonly long[] _order = new long[Kept];
    private int _count;
    private int _next;

    // Made when somebody asks, which nobody does while time only goes forward, and kept while it is asked now and then.
    private HashSet<long>? _values;
    private int _unasked;

    public bool Contains(long value)
    {
        _unasked = 0;
        if (_values is null)
        {
#if NET
            // Grown step by step it would end on the large object heap.
            _values = new HashSet<long>(Kept);
#else
            _values = new HashSet<long>();
#endif
            for (var i = 0; i < _count; i++)
                _values.Add(_order[i]);
        }

        return _values.Contains(value);
    }

    /// <summary>Adds a value that is not there yet, and forgets the oldest one.</summary>
    public void Add(long value)
    {
        if (_values is not null && ++_unasked > Kept)
            _values = null;
        if (_count == Kept)
            _values?.Remove(_order[_next]);
        else
            _count++;
        _values?.Add(value);
        _order[_next] = value;
        _next = (_next + 1) % Kept;
    }
}
