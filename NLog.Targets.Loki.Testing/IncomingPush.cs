using System.Collections.Generic;

namespace NLog.Targets.Loki.Testing;

/// <summary>A push on its way in, for a test to choose which ones a <see cref="LokiFault"/> meets.</summary>
public sealed record IncomingPush
{
    /// <summary>The tenant, or an empty string if none was named or it was refused.</summary>
    public required string Tenant { get; init; }

    /// <summary>The request's headers, looked up without regard to case; repeated ones are joined with a comma.</summary>
    public required IReadOnlyDictionary<string, string> Headers { get; init; }

    /// <summary>
    /// The labels of each stream. Empty if the body is none that Loki takes, and for a fault that acts while the body is read.
    /// </summary>
    public IReadOnlyList<IReadOnlyDictionary<string, string>> Streams { get; init; } = [];
}
