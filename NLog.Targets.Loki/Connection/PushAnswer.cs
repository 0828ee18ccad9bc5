using System;
using System.Collections.Generic;

namespace NLog.Targets.Loki.Connection;

/// <summary>What came back for one request; without a status, the exception says why nothing did.</summary>
internal sealed class PushAnswer
{
    public int Status { get; init; }

    /// <summary>At most 4 KiB of the body.</summary>
    public string Body { get; init; } = "";

    public bool BodyIsCut { get; init; }

    public string MediaType { get; init; } = "";

    /// <summary>The headers that the request carried for its credentials.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Credentials { get; init; } = Array.Empty<KeyValuePair<string, string>>();

    public TimeSpan? RetryAfter { get; init; }

    public Exception? Error { get; init; }

    public bool TimedOut { get; init; }

    public TimeSpan Latency { get; init; }
}
