using System;
using System.Collections.Generic;
using System.Linq;
using NLog.Targets.Loki.Encoding;

namespace NLog.Targets.Loki.Batching;

/// <summary>The labels of one stream, sorted by name, and their bytes in the format of its pushes.</summary>
internal sealed class LabelSet : IEquatable<LabelSet>
{
    private readonly KeyValuePair<string, string>[] _labels;
    private readonly string _json;
    private readonly int _hash;
    private byte[]? _bytes;

    /// <summary>Names are unique and valid, values not empty; both are checked where labels are rendered.</summary>
    public LabelSet(IEnumerable<KeyValuePair<string, string>> labels, PushFormat format)
    {
        var sorted = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var label in labels)
            sorted[label.Key] = label.Value;
        _labels = sorted.ToArray();
        _json = LabelEncoder.Json(_labels);
        Format = format;
        // Looked up for every entry, and a string does not keep its own.
        _hash = _json.GetHashCode();
    }

    public PushFormat Format { get; }

    // Made for the first batch: where event properties are labels, each event has a set that is looked up and thrown away.
    public byte[] Bytes => _bytes ??= Format.Labels(_labels);

    /// <summary>The format does not matter: Loki knows one stream of these labels, and after a reload it may change.</summary>
    public bool Equals(LabelSet? other) => other is not null && (ReferenceEquals(this, other) || _json == other._json);

    public override bool Equals(object? obj) => Equals(obj as LabelSet);

    public override int GetHashCode() => _hash;

    /// <summary>The labels as JSON, which is also how a log line names a stream.</summary>
    public override string ToString() => _json;
}
