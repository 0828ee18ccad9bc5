using System;
using System.Collections.Generic;

namespace NLog.Targets.Loki.Testing;

/// <summary>What makes two entries of a stream the same one: timestamp, line and metadata (pkg/chunkenc, since v3.7).</summary>
internal sealed class EntryIdentity : IEqualityComparer<StoredEntry>
{
    public static readonly EntryIdentity Instance = new();

    public bool Equals(StoredEntry? x, StoredEntry? y) =>
        ReferenceEquals(x, y)
        || (x is not null && y is not null && x.TimestampNanoseconds == y.TimestampNanoseconds && x.WireLine == y.WireLine
            && GoLabels.Same(x.Metadata, y.Metadata));

    public int GetHashCode(StoredEntry obj) => HashCode.Combine(obj.TimestampNanoseconds, obj.WireLine, obj.Metadata);
}
