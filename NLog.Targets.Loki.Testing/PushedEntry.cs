using System.Collections.Generic;

namespace NLog.Targets.Loki.Testing;

/// <summary>An entry of a push as it was sent.</summary>
/// <param name="Timestamp">Nanoseconds since 1970, wrapped around like Go's <c>UnixNano</c> for years out of its range.</param>
/// <param name="Seconds">Seconds since 1970, which hold any year from 1 to 9999.</param>
/// <param name="Line">The line.</param>
/// <param name="Metadata">Structured metadata in the order sent; names can repeat.</param>
internal readonly record struct PushedEntry(
    long Timestamp, long Seconds, string Line, IReadOnlyList<KeyValuePair<string, string>> Metadata);
