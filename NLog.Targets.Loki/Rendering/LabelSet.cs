using System;
using System.Collections.Generic;
using NLog.Targets.Loki.Encoding;

namespace NLog.Targets.Loki.Rendering;

/// <summary>Owns the labels of one stream, sorted by name, and their bytes in the format of its pushes.</summary>
internal sealed class LabelSet : IEquatable<LabelSet>
{
    private readonly string _json;

    /// <summary>Names are unique and valid, values not empty; both are checked where labels are rendered.</summary>
    public LabelSet(IEnumerable<KeyValuePair<string, string>> labels, PushFormat format)
    {
        var sorted = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var label in labels)
            sorted[label.Key] = label.Value;
        _json = LabelText.Json(sorted);
        Format = format;
        Bytes = format.Labels(sorted);
    }

    public PushFormat Format { get; }

    public byte[] Bytes { get; }

    /// <summary>The format does not matter: Loki knows one stream of these labels, and after a reload it may change.</summary>
    public bool Equals(LabelSet? other) => other is not null && (ReferenceEquals(this, other) || _json == other._json);

    public override bool Equals(object? obj) => Equals(obj as LabelSet);

    public override int GetHashCode() => _json.GetHashCode();

    /// <summary>The labels as JSON, which is also how a log line names a stream.</summary>
    public override string ToString() => _json;
}
