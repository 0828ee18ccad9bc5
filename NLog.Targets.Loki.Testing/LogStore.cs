using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading.Tasks;

namespace NLog.Targets.Loki.Testing;

/// <summary>All that was stored and every push that came, behind one lock.</summary>
internal sealed class LogStore(TimeProvider clock, bool lastStreamDecides, Counters counters)
{
    private readonly object _gate = new();
    private readonly Dictionary<string, TenantStore> _tenants = [];
    private readonly List<StoredEntry> _entries = [];
    private readonly List<ReceivedPush> _pushes = [];
    private readonly List<(Func<bool> Reached, TaskCompletionSource Source)> _waiting = [];
    private StoredEntry[]? _snapshot;
    private long _duplicates;
    private int _noted;

    public int EntryCount
    {
        get
        {
            lock (_gate)
            {
                return _entries.Count;
            }
        }
    }

    public int PushCount
    {
        get
        {
            lock (_gate)
            {
                return _pushes.Count;
            }
        }
    }

    public long Duplicates
    {
        get
        {
            lock (_gate)
            {
                return _duplicates;
            }
        }
    }

    /// <summary>By time; entries of the same time in the order of arrival.</summary>
    public IReadOnlyList<StoredEntry> Snapshot()
    {
        lock (_gate)
        {
            return _snapshot ??= InTimeOrder(_entries);
        }
    }

    public IReadOnlyList<ReceivedPush> Pushes()
    {
        lock (_gate)
        {
            return _pushes.ToArray();
        }
    }

    /// <summary>The streams of a tenant that a reader asks for, with their entries by time.</summary>
    public List<(GoLabels Labels, StoredEntry[] Entries)> Select(string tenant, Func<GoLabels, bool> wanted)
    {
        lock (_gate)
        {
            return !_tenants.TryGetValue(tenant, out var store)
                ? []
                : [.. store.Streams.Values
                    .Where(stream => stream.Entries.Count > 0 && wanted(stream.Labels))
                    .Select(stream => (stream.Labels, InTimeOrder(stream.Entries)))];
        }
    }

    /// <summary>The tenant's rate, which takes all streams of a push or none.</summary>
    public StreamRefusal? RefuseRate(string tenant, IReadOnlyList<AcceptedStream> streams, LokiLimits limits)
    {
        var lines = streams.Sum(stream => (long)stream.Entries.Count);
        var bytes = streams.Sum(stream => stream.Entries.Sum(entry => (long)entry.Size));
        lock (_gate)
        {
            if (Tenant(tenant).Bucket.TryTake(bytes, limits.IngestionRate, limits.IngestionBurst))
            {
                return null;
            }
        }

        counters.Discard(tenant, "rate_limited", lines, bytes);
        return new(429, $"ingestion rate limit exceeded for user {tenant} (limit: {(long)limits.IngestionRate} bytes/sec) while attempting to ingest '{lines}' lines totaling '{bytes}' bytes, reduce log volume or contact your Loki administrator to see if the limit can be increased");
    }

    /// <summary>The work of the ingester; null if nothing was refused.</summary>
    public StreamRefusal? Add(string tenant, IReadOnlyList<AcceptedStream> streams, LokiLimits limits, PushShape seen)
    {
        lock (_gate)
        {
            var before = _entries.Count;
            var store = Tenant(tenant);
            _snapshot = null;
            StreamRefusal? decided = null;
            foreach (var stream in streams)
            {
                var refusal = AddStream(store, tenant, stream, limits);
                decided = lastStreamDecides ? refusal : decided ?? refusal;
            }

            seen.Stored = _entries.Count - before;
            return decided;
        }
    }

    /// <summary>Notes a push and wakes those whose count is reached: not before, or a test could miss the push it waited for.</summary>
    public void Record(ReceivedPush push, int stored)
    {
        var reached = new List<TaskCompletionSource>();
        lock (_gate)
        {
            _pushes.Add(push);

            // Fewer, if the store was cleared meanwhile.
            _noted = Math.Min(_noted + stored, _entries.Count);
            _waiting.RemoveAll(waiter =>
            {
                if (!waiter.Reached())
                {
                    return false;
                }

                reached.Add(waiter.Source);
                return true;
            });
        }

        counters.Answered(push.Status);
        reached.ForEach(source => source.TrySetResult());
    }

    public Task WhenEntries(int count, TimeSpan ceiling) => When(() => _noted >= count, $"{count} entries", ceiling);

    public Task WhenPushes(int count, TimeSpan ceiling) => When(() => _pushes.Count >= count, $"{count} pushes", ceiling);

    public void Clear()
    {
        lock (_gate)
        {
            _tenants.Clear();
            _entries.Clear();
            _pushes.Clear();
            _snapshot = null;
            _duplicates = 0;
            _noted = 0;
        }
    }

    private static StoredEntry[] InTimeOrder(List<StoredEntry> entries)
    {
        for (var i = 1; i < entries.Count; i++)
        {
            if (entries[i].TimestampNanoseconds < entries[i - 1].TimestampNanoseconds)
            {
                return [.. entries.OrderBy(entry => entry.TimestampNanoseconds)];
            }
        }

        return [.. entries];
    }

    private static bool IsReached(int limit, int count) => limit > 0 && count >= limit;

    private TenantStore Tenant(string tenant)
    {
        if (!_tenants.TryGetValue(tenant, out var store))
        {
            _tenants.Add(tenant, store = new TenantStore(clock));
        }

        return store;
    }

    private StreamRefusal? AddStream(TenantStore store, string tenant, AcceptedStream pushed, LokiLimits limits)
    {
        if (!store.Streams.TryGetValue(pushed.Labels, out var stream))
        {
            if (IsReached(limits.MaxGlobalStreamsPerUser, store.Streams.Count) || IsReached(limits.MaxStreamsPerUser, store.Streams.Count))
            {
                counters.Discard(tenant, "stream_limit", pushed.Entries.Count, pushed.Entries.Sum(entry => (long)entry.Size));
                return new(429, $"maximum active stream limit exceeded when trying to create stream {pushed.Labels}, reduce the number of active streams (reduce labels or reduce label values), or contact your Loki administrator to see if the limit can be increased, user: '{tenant}'");
            }

            store.Streams.Add(pushed.Labels, stream = new LogStream(pushed.Labels, clock));
        }

        return stream.Add(pushed, tenant, limits, counters, _entries, ref _duplicates);
    }

    private async Task When(Func<bool> reached, string what, TimeSpan ceiling)
    {
        var source = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            if (reached())
            {
                return;
            }

            _waiting.Add((reached, source));
        }

        try
        {
            await source.Task.WaitAsync(ceiling).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            throw new TimeoutException(GiveUp(source, what, ceiling));
        }
    }

    private string GiveUp(TaskCompletionSource source, string what, TimeSpan ceiling)
    {
        lock (_gate)
        {
            _waiting.RemoveAll(waiter => waiter.Source == source);
            var statuses = _pushes.GroupBy(push => push.Status).OrderBy(group => group.Key).Select(group => $"{group.Count()} x {group.Key}");
            var lastAnswer = _pushes.LastOrDefault(push => push.Answer.Length > 0)?.Answer ?? "none";
            return $"Waited {ceiling} for {what}; there were {_entries.Count} entries ({_duplicates} duplicates refused) from {_pushes.Count} pushes (by status: {string.Join(", ", statuses)}). Last text answered: {lastAnswer}";
        }
    }
}
