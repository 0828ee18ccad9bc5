using System.Collections.Generic;

namespace NLog.Targets.Loki.Testing;

/// <summary>An entry of a push as it was sent.</summary>
internal readonly record struct PushedEntry(
    long Timestamp, string Line, IReadOnlyList<KeyValuePair<string, string>> Metadata);
