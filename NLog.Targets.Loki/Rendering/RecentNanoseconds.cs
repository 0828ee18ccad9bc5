using System.Collections.Generic;

namespace NLog.Targets.Loki.Rendering;

/// <summary>Owns the last few thousand values that were given out.</summary>
internal sealed class RecentNanoseconds
{
    private const int Kept = 4096;

    private readonly HashSet<long> _values = new();
    private readonly long[] _order = new long[Kept];
    private int _next;

    public bool Contains(long value) => _values.Contains(value);

    /// <summary>Adds a value that is not there yet, and forgets the oldest one.</summary>
    public void Add(long value)
    {
        if (_values.Count == Kept)
            _values.Remove(_order[_next]);
        _values.Add(value);
        _order[_next] = value;
        _next = (_next + 1) % Kept;
    }
}
