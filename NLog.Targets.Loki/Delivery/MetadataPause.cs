using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;

namespace NLog.Targets.Loki.Delivery;

/// <summary>
/// Says for how long structured metadata is left out for a tenant after Loki said that the tenant does not take any; then it is tried
/// again. Written under the dispatcher's lock, read without it. No clock of its own.
/// </summary>
internal sealed class MetadataPause
{
    private static readonly TimeSpan s_length = TimeSpan.FromHours(1);

    // Never changed, only replaced; each time without the pauses that are over.
    private Dictionary<string, TimeSpan>? _until;

    /// <summary>Whether one ever began; spares the reader a look at the clock.</summary>
    public bool WasStarted => Volatile.Read(ref _until) is not null;

    /// <summary>How many tenants something is kept of.</summary>
    public int Count => Volatile.Read(ref _until)?.Count ?? 0;

    public void Start(string tenant, TimeSpan now)
    {
        var until = (_until ?? new Dictionary<string, TimeSpan>()).Where(pause => now < pause.Value).ToDictionary(pause => pause.Key, pause => pause.Value, StringComparer.Ordinal);
        until[tenant] = now + s_length;
        Volatile.Write(ref _until, until);
    }

    public bool IsOn(string tenant, TimeSpan now) => Volatile.Read(ref _until) is { } pauses && pauses.TryGetValue(tenant, out var until) && now < until;
}
