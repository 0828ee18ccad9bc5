using System.Collections.Generic;

namespace NLog.Targets.Loki.Testing;

/// <summary>What is to happen to one push instead of its ordinary answer.</summary>
/// <param name="Stores">Whether the push is stored all the same.</param>
/// <param name="Status">The status to answer, or 0 to break the connection.</param>
/// <param name="Body">The text to answer.</param>
/// <param name="Headers">Headers of the answer.</param>
internal sealed record Fault(bool Stores, int Status, string Body, IReadOnlyList<(string Name, string Value)> Headers);
