using System;
using System.Collections.Generic;

namespace NLog.Targets.Loki.Rendering;

/// <summary>The names that the metadata of one entry has taken so far.</summary>
internal sealed class TakenNames
{
    // Comparing a few names costs less than hashing one.
    private const int Few = 12;

    private readonly string[] _few = new string[Few];
    private readonly HashSet<string> _more = new(StringComparer.Ordinal);

    public int Count { get; private set; }

    public bool Contains(string name)
    {
        if (Count > Few)
            return _more.Contains(name);
        for (var i = 0; i < Count; i++)
        {
            if (_few[i] == name)
                return true;
        }

        return false;
    }

    /// <summary>Takes a name that is not taken yet.</summary>
    public void Add(string name)
    {
        if (Count < Few)
        {
            _few[Count++] = name;
            return;
        }

        if (Count++ == Few)
            _more.UnionWith(_few);
        _more.Add(name);
    }

    public void Clear()
    {
        if (Count > Few)
            _more.Clear();
        Count = 0;
    }
}
