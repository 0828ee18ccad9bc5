using System.Collections.Generic;

namespace NLog.Targets.Loki.Testing;

/// <summary>A stream of a push after decoding: labels are checked for syntax only, entries not at all.</summary>
internal sealed class PushedStream(IReadOnlyList<KeyValuePair<string, string>> labels, List<PushedEntry> entries)
{
    /// <summary>Sorted by name; protobuf bodies can repeat one.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Labels => labels;

    public List<PushedEntry> Entries => entries;
}
