using System;
using System.Collections.Generic;

namespace NLog.Targets.Loki.Testing;

/// <summary>An entry as the server keeps it. Two are equal if all their contents are.</summary>
/// <param name="Tenant">The tenant that pushed it.</param>
/// <param name="Labels">The labels of its stream, including a discovered <c>service_name</c>.</param>
/// <param name="TimestampNanoseconds">Nanoseconds since 1970.</param>
/// <param name="Line">The line.</param>
/// <param name="Metadata">Structured metadata with names as Loki rewrites them, including <c>detected_level</c>.</param>
public sealed record StoredEntry(
    string Tenant,
    IReadOnlyDictionary<string, string> Labels,
    long TimestampNanoseconds,
    string Line,
    IReadOnlyDictionary<string, string> Metadata)
{
    /// <summary>The line with invalid bytes told apart; <see cref="Line"/> shows all of them alike.</summary>
    internal string WireLine { get; init; } = Line;

    /// <inheritdoc />
    public bool Equals(StoredEntry? other) =>
        other is not null
        && TimestampNanoseconds == other.TimestampNanoseconds
        && Tenant == other.Tenant
        && Line == other.Line
        && GoLabels.Same(Labels, other.Labels)
        && GoLabels.Same(Metadata, other.Metadata);

    /// <inheritdoc />
    public override int GetHashCode() => HashCode.Combine(TimestampNanoseconds, Line);
}
