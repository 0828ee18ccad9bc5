using System;
using System.Collections.Generic;
using System.Text;
using NLog.Targets.Loki.Encoding;

namespace NLog.Targets.Loki.Rendering;

/// <summary>Owns the labels of one stream, sorted by name, and the bytes that open its request bodies.</summary>
internal sealed class LabelSet : IEquatable<LabelSet>
{
    private readonly string _json;
    private readonly int _hash;

    /// <summary>Names are unique and valid, values not empty; both are checked where labels are rendered.</summary>
    public LabelSet(IEnumerable<KeyValuePair<string, string>> labels)
    {
        var sorted = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var label in labels)
            sorted[label.Key] = label.Value;
        _json = ToJson(sorted);
        // Looked up for every entry, and a string does not keep its own.
        _hash = _json.GetHashCode();
        BodyPrefix = JsonBody.Prefix(_json);
    }

    public byte[] BodyPrefix { get; }

    public bool Equals(LabelSet? other) => other is not null && (ReferenceEquals(this, other) || _json == other._json);

    public override bool Equals(object? obj) => Equals(obj as LabelSet);

    public override int GetHashCode() => _hash;

    /// <summary>The labels as JSON, which is also how a log line names a stream.</summary>
    public override string ToString() => _json;

    private static string ToJson(SortedDictionary<string, string> labels)
    {
        var json = new StringBuilder("{");
        foreach (var label in labels)
        {
            if (json.Length > 1)
                json.Append(',');
            json.Append('"').Append(label.Key).Append("\":\"");
            foreach (var c in label.Value)
            {
                if (c is '"' or '\\')
                    json.Append('\\').Append(c);
                else if (c < ' ')
                    json.Append("\\u").Append(((int)c).ToString("x4", System.Globalization.CultureInfo.InvariantCulture));
                else
                    json.Append(c);
            }

            json.Append('"');
        }

        return json.Append('}').ToString();
    }
}
