using System.Collections.Generic;
using NLog.Targets.Loki.Batching;

namespace NLog.Targets.Loki.Delivery;

/// <summary>The batches of one stream, oldest first, and that only one of them is on its way.</summary>
internal sealed class StreamQueue
{
    private readonly LinkedList<Batch> _waiting = new();

    public StreamQueue(StreamKey key) => Key = key;

    public StreamKey Key { get; }

    public Gate Gate { get; } = new();

    /// <summary>The batch that still takes entries; the newest one.</summary>
    public Batch? Open { get; private set; }

    public Batch? InFlight { get; set; }

    /// <summary>Whether the stream waits for its turn.</summary>
    public bool IsReady { get; set; }

    public bool IsIdle => Open is null && InFlight is null && _waiting.Count == 0;

    public void OpenWith(Batch batch) => Open = batch;

    /// <summary>The linger of the open batch is over: it goes as soon as it can be sent, and takes entries until then.</summary>
    public bool OpenIsDue { get; set; }

    public bool HasSomethingDue => InFlight is null && (_waiting.Count > 0 || OpenIsDue);

    /// <summary>The size of what would be sent next.</summary>
    public long NextBodyBytes => _waiting.First?.Value.BodyBytes ?? Open?.BodyBytes ?? 0;

    /// <summary>How often a server has answered that it wants that later.</summary>
    public int NextServerFailures => _waiting.First?.Value.ServerFailures ?? 0;

    /// <summary>The open batch is full and waits.</summary>
    public void CloseOpen()
    {
        _waiting.AddLast(Open!);
        Open = null;
        OpenIsDue = false;
    }

    /// <summary>Takes the oldest batch; it is in flight afterwards.</summary>
    public Batch Take()
    {
        if (_waiting.Count == 0)
            CloseOpen();
        InFlight = _waiting.First!.Value;
        _waiting.RemoveFirst();
        return InFlight;
    }

    /// <summary>What was taken goes back to where it was: before everything that came later.</summary>
    public void PutBack(Batch batch) => _waiting.AddFirst(batch);

    public void Remove(Batch batch)
    {
        if (batch != Open)
        {
            _waiting.Remove(batch);
            return;
        }

        Open = null;
        OpenIsDue = false;
    }
}
