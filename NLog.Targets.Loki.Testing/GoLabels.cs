using System;
using System.Collections;
using System.Collections.Generic;
using System.Diagnostics.CodeAnalysis;
using System.Linq;

namespace NLog.Targets.Loki.Testing;

/// <summary>
/// Names and values sorted by name in one array. A million entries each carry one, so it is kept smaller and quicker to
/// compare than a hash table; the sets are short enough for a linear look-up. Bytes that are no UTF-8 are shown replaced but
/// told apart in comparisons and in print, as in Loki.
/// </summary>
internal sealed class GoLabels : IReadOnlyDictionary<string, string>, IEquatable<GoLabels>
{
    public static readonly GoLabels Empty = new([]);

    private readonly KeyValuePair<string, string>[] _pairs;
    private readonly int _hash;
    private string? _text;

    /// <summary>Takes over pairs which are sorted by name already and hold no name twice.</summary>
    private GoLabels(KeyValuePair<string, string>[] sorted)
    {
        _pairs = sorted;
        var hash = new HashCode();
        foreach (var pair in sorted)
        {
            hash.Add(pair.Key);
            hash.Add(pair.Value);
        }

        _hash = hash.ToHashCode();
    }

    public int Count => _pairs.Length;

    public IEnumerable<string> Keys => _pairs.Select(pair => GoText.Show(pair.Key));

    public IEnumerable<string> Values => _pairs.Select(pair => GoText.Show(pair.Value));

    public ReadOnlySpan<KeyValuePair<string, string>> Pairs => _pairs;

    public string this[string key] =>
        TryGetValue(key, out var value) ? value : throw new KeyNotFoundException($"There is no label '{key}'.");

    /// <summary>The set of these pairs; of a repeated name the last one wins and empty values count as absent.</summary>
    public static GoLabels Of(IReadOnlyList<KeyValuePair<string, string>> pairs)
    {
        var sorted = new KeyValuePair<string, string>[pairs.Count];
        var count = 0;
        for (var i = 0; i < pairs.Count; i++)
        {
            var pair = pairs[i];
            var at = count;
            while (at > 0 && string.CompareOrdinal(sorted[at - 1].Key, pair.Key) > 0)
            {
                at--;
            }

            if (at > 0 && sorted[at - 1].Key == pair.Key)
            {
                sorted[at - 1] = pair;
                continue;
            }

            Array.Copy(sorted, at, sorted, at + 1, count - at);
            sorted[at] = pair;
            count++;
        }

        var kept = 0;
        for (var i = 0; i < count; i++)
        {
            if (sorted[i].Value.Length > 0)
            {
                sorted[kept++] = sorted[i];
            }
        }

        return kept == 0 ? Empty : new GoLabels(kept == sorted.Length ? sorted : sorted[..kept]);
    }

    public static bool Same(IReadOnlyDictionary<string, string> left, IReadOnlyDictionary<string, string> right)
    {
        if (left is GoLabels one && right is GoLabels two)
        {
            return one.Equals(two);
        }

        return left.Count == right.Count
            && left.All(pair => right.TryGetValue(pair.Key, out var value) && value == pair.Value);
    }

    public GoLabels With(string name, string value) => Of([.. _pairs, new(name, value)]);

    public bool ContainsKey(string key) => TryGetValue(key, out _);

    public bool TryGetValue(string key, [MaybeNullWhen(false)] out string value)
    {
        foreach (var pair in _pairs)
        {
            if (pair.Key == key)
            {
                value = GoText.Show(pair.Value);
                return true;
            }
        }

        value = null;
        return false;
    }

    public bool Equals(GoLabels? other)
    {
        if (ReferenceEquals(this, other))
        {
            return true;
        }

        if (other is null || _hash != other._hash || _pairs.Length != other._pairs.Length)
        {
            return false;
        }

        for (var i = 0; i < _pairs.Length; i++)
        {
            if (_pairs[i].Key != other._pairs[i].Key || _pairs[i].Value != other._pairs[i].Value)
            {
                return false;
            }
        }

        return true;
    }

    public override bool Equals(object? obj) => Equals(obj as GoLabels);

    public override int GetHashCode() => _hash;

    public IEnumerator<KeyValuePair<string, string>> GetEnumerator() =>
        _pairs.Select(pair => KeyValuePair.Create(GoText.Show(pair.Key), GoText.Show(pair.Value))).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>The form Loki prints in its texts: <c>{a="1", b="2"}</c>.</summary>
    public override string ToString() => _text ??= LabelText.Print(_pairs);
}
