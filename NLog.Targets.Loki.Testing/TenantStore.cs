using System;
using System.Collections.Generic;

namespace NLog.Targets.Loki.Testing;

/// <summary>The streams of a tenant and its rate.</summary>
internal sealed class TenantStore(TimeProvider clock)
{
    public Dictionary<GoLabels, LogStream> Streams { get; } = [];

    public TokenBucket Bucket { get; } = new(clock);
}
