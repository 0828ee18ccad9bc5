using System.Collections.Generic;

namespace NLog.Targets.Loki.Testing;

/// <summary>What the distributor left of a stream.</summary>
/// <param name="Labels">The stream's labels.</param>
/// <param name="Entries">The entries that passed.</param>
internal sealed record AcceptedStream(GoLabels Labels, List<AcceptedEntry> Entries);
