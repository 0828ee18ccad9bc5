using System.Collections.Generic;

namespace NLog.Targets.Loki.Testing;

/// <summary>An entry on its way through a query.</summary>
internal sealed class QueryLine(StoredEntry entry, GoLabels labels, SortedDictionary<string, string> metadata)
{
    public StoredEntry Entry => entry;

    public GoLabels Labels => labels;

    /// <summary>Structured metadata by the names a query shows.</summary>
    public SortedDictionary<string, string> Metadata => metadata;

    /// <summary>Labels a parser stage took from the line.</summary>
    public SortedDictionary<string, string> Parsed { get; } = new(System.StringComparer.Ordinal);

    public string Value(string name) =>
        Parsed.TryGetValue(name, out var value) || metadata.TryGetValue(name, out value) || labels.TryGetValue(name, out value) ? value : "";
}
