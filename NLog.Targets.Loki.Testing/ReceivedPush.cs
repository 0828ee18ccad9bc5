using System;
using System.Collections.Generic;

namespace NLog.Targets.Loki.Testing;

/// <summary>One request that reached a push route, whatever became of it; noted before its answer is sent.</summary>
public sealed record ReceivedPush
{
    /// <summary>The tenant, or an empty string if none was named.</summary>
    public required string Tenant { get; init; }

    /// <summary>The status answered, or 0 if none was: the connection was broken, or raw bytes were sent.</summary>
    public required int Status { get; init; }

    /// <summary>The text answered, without its final newline.</summary>
    public required string Answer { get; init; }

    /// <summary>
    /// The status by the server's own rules, or 0 if it did not judge. It differs from <see cref="Status"/> where a fault answered,
    /// or where the Loki of <see cref="LokiTestServerOptions.ForwardTo"/> was of another opinion.
    /// </summary>
    public int JudgedStatus { get; init; }

    /// <summary>Bytes of the body as received.</summary>
    public required long CompressedBytes { get; init; }

    /// <summary>Bytes of the body after decompression; 0 if it could not be decompressed.</summary>
    public required long UncompressedBytes { get; init; }

    /// <summary>Entries the body held, accepted or not; 0 if it could not be read.</summary>
    public required int EntryCount { get; init; }

    /// <summary>Streams the body held, accepted or not; 0 if it could not be read.</summary>
    public required int StreamCount { get; init; }

    /// <summary>The request's headers, looked up without regard to case; repeated ones are joined with a comma.</summary>
    public required IReadOnlyDictionary<string, string> Headers { get; init; }

    /// <summary>When the request's headers had arrived.</summary>
    public required DateTimeOffset ArrivedAt { get; init; }

    /// <summary>The body as received; empty unless <see cref="LokiTestServerOptions.KeepBodies"/> is on.</summary>
    public ReadOnlyMemory<byte> Body { get; init; }

    /// <summary>The planned fault that the push met, the object that was planned; null if none.</summary>
    public LokiFault? Fault { get; init; }
}
