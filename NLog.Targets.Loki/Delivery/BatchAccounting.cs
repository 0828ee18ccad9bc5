using System;
using NLog.Targets.Loki.Batching;
using NLog.Targets.Loki.Contract;
using NLog.Targets.Loki.Diagnostics;

namespace NLog.Targets.Loki.Delivery;

/// <summary>Moves entries and batches from term to term of the ledger, so that each is counted in exactly one.</summary>
internal sealed class BatchAccounting
{
    private readonly Ledger _ledger;
    private readonly Notices _notices;

    public BatchAccounting(Ledger ledger, Notices notices) => (_ledger, _notices) = (ledger, notices);

    /// <summary>Entries leave NLog's queue for the buffer; those that it cannot take are lost.</summary>
    public void Take(EntryBlock entries, Arrivals from, DeliveryQueue buffer, TimeSpan now, BatchOptions options, long mostBodyBytes)
    {
        var (taken, oversizeBytes) = (0, 0);
        try
        {
            buffer.Append(entries, now, options, mostBodyBytes, ref taken, ref oversizeBytes);
        }
        catch (Exception error)
        {
            // No memory for a batch, most likely: what is in the buffer stays there, and the others count too.
            _ledger.Accept(from, taken);
            _ledger.Lose(from, LokiDropReason.EncodeError, entries.Count - taken);
            _notices.Error("encode", $"an entry could not be put into a batch and is dropped: {error.GetType().Name}");
            return;
        }

        _ledger.Accept(from, taken);
        if (taken == entries.Count)
            return;
        _ledger.Lose(from, LokiDropReason.OversizeEntry, entries.Count - taken);
        _notices.Warn("oversize", $"an entry of {oversizeBytes} bytes does not fit into maxBatchBytes and is dropped; raise maxBatchBytes or lower maxLineBytes");
    }

    public void Send(Batch batch)
    {
        _ledger.Move(batch.Place, Place.InFlight, batch.Count);
        Leave(batch);
        batch.Place = Place.InFlight;
    }

    /// <summary>Some or all entries of a batch are lost; with all of them it is nowhere any more.</summary>
    public void Lose(Batch batch, LokiDropReason reason, int count)
    {
        _ledger.Lose(batch.Place, reason, count);
        if (count == batch.Count)
            Leave(batch);
    }

    /// <summary>Entries of a batch in flight have arrived.</summary>
    public void Deliver(int count) => _ledger.Deliver(count);

    /// <summary>What was in flight waits to be sent again, as it was or in parts.</summary>
    public void Return(Batch whole, Batch[] parts)
    {
        _ledger.Move(Place.InFlight, Place.Retrying, whole.Count);
        foreach (var part in parts)
            part.Place = Place.Retrying;
        _ledger.RetryingBatches(parts.Length);
    }

    private void Leave(Batch batch)
    {
        if (batch.Place == Place.Retrying)
            _ledger.RetryingBatches(-1);
    }
}
