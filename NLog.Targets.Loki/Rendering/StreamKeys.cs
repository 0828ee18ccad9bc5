using System;
using System.Collections.Generic;
using NLog.Targets.Loki.Batching;

namespace NLog.Targets.Loki.Rendering;

/// <summary>The streams that entries went to, by what their labels were rendered to; finding one makes no string.</summary>
internal sealed class StreamKeys
{
    // Enough for the streams a well-labelled application has; with more it starts over instead of growing.
    private const int MaxKept = 4096;

    private readonly Dictionary<int, Kept> _byHash = new();
    private int _count;

    public StreamKey? Find(ReadOnlySpan<char> key)
    {
        _byHash.TryGetValue(Hash(key), out var kept);
        while (kept is not null && !key.SequenceEqual(kept.Key.AsSpan()))
            kept = kept.Next;
        return kept?.Stream;
    }

    public void Add(ReadOnlySpan<char> key, StreamKey stream)
    {
        if (_count >= MaxKept)
        {
            _byHash.Clear();
            _count = 0;
        }

        var hash = Hash(key);
        _byHash.TryGetValue(hash, out var next);
        _byHash[hash] = new Kept(key.ToString(), stream, next);
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
        public Kept(string key, StreamKey stream, Kept? next) => (Key, Stream, Next) = (key, stream, next);

        public string Key { get; }

        public StreamKey Stream { get; }

        public Kept? Next { get; }
    }
}
