using NLog.Targets.Loki.Batching;
using NLog.Targets.Loki.Diagnostics;

namespace NLog.Targets.Loki.Sending;

/// <summary>Owns the steps of a batch through the ledger, so that its entries and its count as a retrying batch move together.</summary>
internal sealed class BatchPlaces
{
    private readonly Ledger _ledger;

    public BatchPlaces(Ledger ledger) => _ledger = ledger;

    public void Enter(Batch batch, Place place)
    {
        _ledger.Move(batch.Place, place, batch.Count);
        Leave(batch);
        batch.Place = place;
        if (place == Place.Retrying)
            _ledger.RetryingBatches(1);
    }

    /// <summary>Some or all entries of a batch are lost; with all of them it is nowhere any more.</summary>
    public void Lose(Batch batch, LokiDropReason reason, int count)
    {
        _ledger.Lose(batch.Place, reason, count);
        if (count == batch.Count)
            Leave(batch);
    }

    public void Deliver(Batch batch, int count)
    {
        _ledger.Deliver(count);
        Leave(batch);
    }

    /// <summary>Two halves wait where the whole was in flight.</summary>
    public void Split(Batch whole, Batch first, Batch second)
    {
        Enter(whole, Place.Retrying);
        Leave(whole);
        first.Place = second.Place = Place.Retrying;
        _ledger.RetryingBatches(2);
    }

    private void Leave(Batch batch)
    {
        if (batch.Place == Place.Retrying)
            _ledger.RetryingBatches(-1);
        batch.Place = Place.InFlight;
    }
}
