using NLog.Targets.Loki.Batching;
using NLog.Targets.Loki.Diagnostics;

namespace NLog.Targets.Loki.Sending;

/// <summary>Owns the steps of a batch through the ledger, so that its entries and its count as a retrying batch move together.</summary>
internal sealed class BatchPlaces
{
    private readonly Ledger _ledger;

    public BatchPlaces(Ledger ledger) => _ledger = ledger;

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
