using System;
using System.Collections.Generic;
using NLog.Targets.Loki.Batching;

namespace NLog.Targets.Loki.Rendering;

/// <summary>The label sets that were made, by what their labels were rendered to; finding one makes no string.</summary>
internal sealed class LabelSets
{
    // Enough for the streams a well-labelled application has; with more it starts over instead of growing.
    private const int MaxKept = 4096;

    private readonly Dictionary<int, Kept> _byHash = new();
    private int _count;

    public LabelSet? Find(ReadOnlySpan<char> key)
    {
        _byHash.TryGetValue(Hash(key), out var kept);
        while (kept is not null && !key.SequenceEqual(kept.Key.AsSpan()))
            kept = kept.Next;
        return kept?.Set;
    }

    public void Add(ReadOnlySpan<char> key, LabelSet set)
    {
        if (_count >= MaxKept)
        {
            _byHash.Clear();
            _count = 0;
        }

        var hash = Hash(key);
        _byHash.TryGetValue(hash, out var next);
        _byHash[hash] = new Kept(key.ToString(), set, next);
        _count++;
    }

    private static int Hash(ReadOnlySpan<char> key)
    {
#if NET
        // Seeded for each process, so that nobody can choose values that collide.
        return string.GetHashCode(key);
#else
        return key.ToString().GetHashCode();
#endif
    }

    private sealed class Kept
    {
        public Kept(string key, LabelSet set, Kept? next) => (Key, Set, Next) = (key, set, next);

        public string Key { get; }

        public LabelSet Set { get; }

        public Kept? Next { get; }
    }
}
