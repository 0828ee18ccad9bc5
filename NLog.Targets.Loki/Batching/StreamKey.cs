using System;

namespace NLog.Targets.Loki.Batching;

/// <summary>What Loki tells streams apart by: the tenant, empty for none, and the labels. Made once for a stream, not for each entry.</summary>
internal sealed class StreamKey : IEquatable<StreamKey>
{
    private readonly int _hash;

    public StreamKey(string tenant, LabelSet labels)
    {
        Tenant = tenant;
        Labels = labels;
        // Looked up for every entry, and a string does not keep its own.
        _hash = unchecked((StringComparer.Ordinal.GetHashCode(tenant) * 397) ^ labels.GetHashCode());
    }

    public string Tenant { get; }

    public LabelSet Labels { get; }

    public bool Equals(StreamKey? other) =>
        other is not null && (ReferenceEquals(this, other) || (_hash == other._hash && Tenant == other.Tenant && Labels.Equals(other.Labels)));

    public override bool Equals(object? obj) => Equals(obj as StreamKey);

    public override int GetHashCode() => _hash;

    public override string ToString() => Tenant + Labels;
}
