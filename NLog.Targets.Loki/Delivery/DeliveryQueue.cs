using System;
using System.Collections.Generic;
using System.Linq;
using NLog.Targets.Loki.Batching;
using NLog.Targets.Loki.Contract;

namespace NLog.Targets.Loki.Delivery;

/// <summary>
/// Every batch between NLog's queue and Loki, by stream and by age, and their sum of bytes. No clock, no lock, no I/O:
/// the dispatcher brings instants and guards it.
/// </summary>
internal sealed class DeliveryQueue
{
    private static readonly TimeSpan s_mostLinger = TimeSpan.FromSeconds(10);
    private const int MostRequestsPerSecond = 20;
    private const int ProbeCandidates = 64;

    private readonly Dictionary<StreamKey, StreamQueue> _streams = new();
    private readonly LinkedList<StreamQueue> _ready = new();
    private readonly LinkedList<Batch> _byAge = new();
    private readonly Queue<(StreamQueue Stream, Batch Batch)> _lingering = new();

    public long HeldBytes { get; private set; }

    public bool IsEmpty => _byAge.Count == 0;

    /// <summary>Rises when there is something new for the dispatcher to look at.</summary>
    public int Changes { get; private set; }

    /// <summary>Adds entries, and says how many: <paramref name="oversizeBytes"/> has one that can never fit into a request.</summary>
    public void Append(EntryBlock entries, TimeSpan now, BatchOptions options, long mostBodyBytes, ref int taken, ref int oversizeBytes)
    {
        for (var i = 0; i < entries.Count; i++)
        {
            var entry = entries.Read(i, out var key, out var nanoseconds);
            if (Append(key, entry, nanoseconds, now, options, mostBodyBytes))
                taken++;
            else
                oversizeBytes = entry.Length;
        }
    }

    /// <summary>
    /// Adds an entry to the open batch of its stream, which grows to <paramref name="mostBodyBytes"/>; false when it can never
    /// fit into a request.
    /// </summary>
    public bool Append(StreamKey key, ReadOnlySpan<byte> entry, long nanoseconds, TimeSpan now, BatchOptions options, long mostBodyBytes)
    {
        if (!_streams.TryGetValue(key, out var stream))
            _streams.Add(key, stream = new StreamQueue(key));
        // After a reload to another format the open batch ends; what was encoded stays as it is.
        if (stream.Open is { } open && (open.Format != key.Labels.Format || !open.Fits(entry.Length, options.MaxEntries, mostBodyBytes)))
        {
            stream.CloseOpen();
            Enqueue(stream);
        }

        if (stream.Open is null)
        {
            var batch = new Batch(key, now);
            if (!batch.Fits(entry.Length, options.MaxEntries, options.MaxBodyBytes))
            {
                Forget(stream);
                return false;
            }

            stream.OpenWith(batch);
            batch.AgeNode = _byAge.AddLast(batch);
            // The first one to linger starts the timer, whatever else is under way.
            if (_lingering.Count == 0)
                Changes++;
            _lingering.Enqueue((stream, batch));
        }

        stream.Open!.Append(entry, nanoseconds);
        Count(stream.Open);
        // A full batch need not wait for the entry that finds it full.
        if (stream.Open.Count >= options.MaxEntries)
        {
            stream.CloseOpen();
            Enqueue(stream);
        }

        return true;
    }

    /// <summary>
    /// Lines up the streams whose open batch has waited long enough, or all with <paramref name="everything"/>. With
    /// <paramref name="oneAtLeast"/> the oldest goes before its time when nothing else stands in line (the next of a stream whose request is
    /// under way, right after it); the others would only be cut short.
    /// </summary>
    public void QueueDue(TimeSpan now, TimeSpan linger, bool everything, bool oneAtLeast)
    {
        while (_lingering.Count > 0)
        {
            var (stream, batch) = _lingering.Peek();
            if (batch == stream.Open)
            {
                if (!everything && !(oneAtLeast && _ready.Count == 0) && now - batch.OpenedAt < Stretch(linger))
                    return;
                stream.OpenIsDue = true;
                Enqueue(stream);
            }

            _lingering.Dequeue();
        }
    }

    /// <summary>Takes the next batch that may go as far as its stream and its tenant are concerned; with <paramref name="smallest"/> the best probe among the first few.</summary>
    public (StreamQueue Stream, Batch Batch)? Take(TimeSpan now, bool smallest, TenantGates tenants)
    {
        LinkedListNode<StreamQueue>? found = null;
        var looked = 0;
        // Mostly there is one tenant, and thousands of its streams wait behind one gate: it is asked once.
        var (tenant, isOpen) = ((string?)null, false);
        for (var node = _ready.First; node is not null && looked < ProbeCandidates; node = node.Next)
        {
            if (!ReferenceEquals(tenant, node.Value.Key.Tenant))
            {
                tenant = node.Value.Key.Tenant;
                isOpen = tenants.CanSend(tenant, now);
            }

            if (!isOpen || !node.Value.Gate.CanSend(now, 0))
                continue;
            looked++;
            if (found is null || IsBetterProbe(node.Value, found.Value))
                found = node;
            if (!smallest)
                break;
        }

        if (found is null)
            return null;
        var stream = found.Value;
        _ready.Remove(found);
        stream.IsReady = false;
        return (stream, stream.Take());
    }

    /// <summary>When there is something to do next if nothing else happens; null for never.</summary>
    public TimeSpan? NextDue(TimeSpan linger, TenantGates tenants)
    {
        TimeSpan? due = _lingering.Count > 0 ? _lingering.Peek().Batch.OpenedAt + Stretch(linger) : null;
        var (tenant, notBefore) = ((string?)null, (TimeSpan?)null);
        foreach (var stream in _ready)
        {
            if (!ReferenceEquals(tenant, stream.Key.Tenant))
            {
                tenant = stream.Key.Tenant;
                notBefore = tenants.NotBefore(tenant);
            }

            var next = notBefore < stream.Gate.NotBefore ? stream.Gate.NotBefore : notBefore;
            if (next is not null && (due is null || next < due))
                due = next;
        }

        return due;
    }

    /// <summary>The batch in flight comes back, whole or as parts, before everything that came later.</summary>
    public void PutBack(StreamQueue stream, params Batch[] parts)
    {
        var whole = stream.InFlight!;
        stream.InFlight = null;
        for (var i = parts.Length - 1; i >= 0; i--)
            stream.PutBack(parts[i]);
        foreach (var part in parts)
        {
            if (part != whole)
                part.AgeNode = _byAge.AddBefore(whole.AgeNode!, part);
            Count(part);
        }

        if (!parts.Contains(whole))
            Release(whole);
        Enqueue(stream);
    }

    /// <summary>The batch in flight has come to its end.</summary>
    public void Finish(StreamQueue stream)
    {
        var batch = stream.InFlight!;
        stream.InFlight = null;
        Release(batch);
        Enqueue(stream);
        Forget(stream);
    }

    /// <summary>The oldest batch that is not in flight, taken out; null when there is none.</summary>
    public Batch? Evict()
    {
        foreach (var batch in _byAge)
        {
            var stream = _streams[batch.Stream];
            if (stream.InFlight == batch)
                continue;
            stream.Remove(batch);
            Release(batch);
            if (!stream.HasSomethingDue && stream.IsReady)
            {
                _ready.Remove(stream);
                stream.IsReady = false;
            }

            Forget(stream);
            return batch;
        }

        return null;
    }

    /// <summary>Brings the sum up to date after a batch grew, or was compressed.</summary>
    public void Count(Batch batch)
    {
        HeldBytes += batch.HeldBytes - batch.CountedBytes;
        batch.CountedBytes = batch.HeldBytes;
    }

    public IEnumerable<Batch> All() => _byAge;

    // Many streams of few lines would send a request each and linger: they wait longer together instead.
    private TimeSpan Stretch(TimeSpan linger)
    {
        var wanted = TimeSpan.FromSeconds((double)_streams.Count / MostRequestsPerSecond);
        if (wanted <= linger)
            return linger;
        return wanted < s_mostLinger ? wanted : linger > s_mostLinger ? linger : s_mostLinger;
    }

    // An entry that breaks the server may be the smallest there is: as the one and only probe it would keep the gate closed for ever.
    private static bool IsBetterProbe(StreamQueue stream, StreamQueue than) =>
        stream.NextServerFailures < than.NextServerFailures || (stream.NextServerFailures == than.NextServerFailures && stream.NextBodyBytes < than.NextBodyBytes);

    private void Enqueue(StreamQueue stream)
    {
        if (stream.IsReady || !stream.HasSomethingDue)
            return;
        stream.IsReady = true;
        Changes++;
        _ready.AddLast(stream);
    }

    private void Release(Batch batch)
    {
        _byAge.Remove(batch.AgeNode!);
        HeldBytes -= batch.CountedBytes;
        batch.CountedBytes = 0;
        batch.Release();
    }

    private void Forget(StreamQueue stream)
    {
        if (stream.IsIdle)
            _streams.Remove(stream.Key);
    }
}
