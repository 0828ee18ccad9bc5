using System;
using System.Collections.Generic;

namespace NLog.Targets.Loki.Delivery;

/// <summary>
/// The gates of the tenants that have a request under way or were told to slow down; any other tenant may send, and nothing is
/// kept of it. No lock and no clock: the dispatcher brings both.
/// </summary>
internal sealed class TenantGates
{
    private readonly Dictionary<string, Entry> _entries = new(StringComparer.Ordinal);

    /// <summary>How many tenants something is kept of.</summary>
    public int Count => _entries.Count;

    public bool CanSend(string tenant, TimeSpan now) => !_entries.TryGetValue(tenant, out var entry) || entry.Gate.CanSend(now, entry.InFlight);

    /// <summary>When a request may go; null while the answer to the one under way decides.</summary>
    public TimeSpan? NotBefore(string tenant)
    {
        if (!_entries.TryGetValue(tenant, out var entry) || !entry.Gate.IsClosed)
            return TimeSpan.Zero;
        return entry.InFlight > 0 ? null : entry.Gate.NotBefore;
    }

    /// <summary>A request goes; the value is the generation of the tenant's gate.</summary>
    public int Begin(string tenant)
    {
        if (!_entries.TryGetValue(tenant, out var entry))
            _entries.Add(tenant, entry = new Entry());
        entry.InFlight++;
        return entry.Gate.Generation;
    }

    /// <summary>The gate of a tenant whose request is under way.</summary>
    public Gate Of(string tenant) => _entries[tenant].Gate;

    /// <summary>A request is over, and what its answer means is recorded.</summary>
    public void End(string tenant)
    {
        var entry = _entries[tenant];
        entry.InFlight--;
        if (entry.InFlight == 0 && !entry.Gate.IsClosed)
            _entries.Remove(tenant);
    }

    public void EndPause()
    {
        foreach (var entry in _entries.Values)
            entry.Gate.EndPause();
    }

    private sealed class Entry
    {
        public Gate Gate { get; } = new();

        public int InFlight { get; set; }
    }
}
