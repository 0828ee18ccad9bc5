using System;
using System.Collections.Generic;
using System.Linq;
using NLog.Targets.Loki.Tests.Support;

namespace NLog.Targets.Loki.Tests.Diagnostics;

/// <summary>
/// The count that the ledger is held against: made of what was logged, of what the server read and of what it was told to answer,
/// by the published decision table; never of the ledger.
/// </summary>
internal sealed class LedgerOracle(ManualTime time, int retryCount, int breakerThreshold)
{
    // The figures of the decision table: refusals of single entries that make a bad server, of a rate that halve a batch, and of a
    // failing server that make poison, among others and alone.
    private const int MostAloneInARow = 8;
    private const int MostThrottles = 3;
    private const int PoisonRefusals = 3;
    private const int PoisonRefusalsAlone = 20;

    private readonly object _lock = new();
    private bool _isClosed;
    private readonly List<OracleEntry> _entries = [];
    private readonly List<HeldPush> _held = [];
    private readonly Dictionary<HeldPush, int> _generations = [];
    private readonly Dictionary<string, int> _newest = [];
    private readonly HashSet<(string Stream, long Nanoseconds, string Line)> _store = [];
    private TimeSpan? _metadataPausedAt;
    private int _aloneInARow;
    private int _passes;
    private int _batches;
    private int _failures;
    private int _generation;

    public int Logged { get; private set; }

    public int Requests { get; private set; }

    public int Errors { get; private set; }

    public int Resent { get; private set; }

    public long BytesSent { get; private set; }

    public int MetadataCut { get; private set; }

    public int Trips { get; private set; }

    public TimeSpan LastLatency { get; private set; }

    // Where nothing is sent any more, nothing is held back.
    public bool IsBreakerOpen => !_isClosed && _failures >= breakerThreshold;

    public List<string> Violations { get; } = [];

    public IReadOnlyList<HeldPush> Held
    {
        get
        {
            lock (_lock)
                return [.. _held];
        }
    }

    public int InFlight => Held.Sum(push => push.Entries.Count);

    public int RetryingBatches => _entries.Where(entry => entry.Place == OraclePlace.Retrying).Select(entry => entry.Batch).Distinct().Count();

    private bool TakesMetadata => _metadataPausedAt is not { } at || time.Elapsed - at >= TimeSpan.FromHours(1);

    public int Count(OraclePlace place) => _entries.Count(entry => entry.Place == place);

    public int Lost(LokiDropReason reason) => _entries.Count(entry => entry.Place == OraclePlace.Lost && entry.Reason == reason);

    /// <summary>Whether one of the first so many events is still on its way.</summary>
    public bool IsPending(int first) => _entries.Take(first).Any(entry => entry.Place < OraclePlace.Delivered);

    /// <summary>The next event, which goes into the buffer or is lost at once; returns its number.</summary>
    public int Log(LokiDropReason? lost = null)
    {
        lock (_lock)
        {
            var entry = new OracleEntry(Logged++);
            _entries.Add(entry);
            // Without metadata nothing looks at the property that cannot be looked at.
            if (lost == LokiDropReason.RenderError && !TakesMetadata)
                lost = null;
            if (lost is { } reason)
                Lose(entry, reason);
            if (!TakesMetadata && lost is null or LokiDropReason.OversizeEntry or LokiDropReason.Closed)
                MetadataCut++;
            return entry.Id;
        }
    }

    public void Arrive(HeldPush push)
    {
        lock (_lock)
        {
            var entries = Of(push);
            var stream = push.Labels["level"];
            Requests++;
            BytesSent += push.Bytes;
            var attempts = entries[0].Attempts;
            if (attempts > 0)
                Resent++;
            foreach (var (entry, index) in entries.Select((entry, index) => (entry, index)))
            {
                Expect(entry.Place is OraclePlace.Buffered or OraclePlace.Retrying, $"{entry.Id} is sent and was {entry.Place}");
                Expect(entry.Attempts == attempts, "entries of one request were sent together before");
                Expect(entry.Nanoseconds is null || entry.Nanoseconds == push.Entries[index].Nanoseconds, "a repeat keeps its nanosecond");
                Expect(index == 0 || entry.Id > entries[index - 1].Id, "entries are in their order");
                entry.Place = OraclePlace.InFlight;
                entry.Nanoseconds = push.Entries[index].Nanoseconds;
                entry.Attempts++;
            }

            Expect(!_held.Exists(other => other.Labels["level"] == stream), "one request at a time for " + stream);
            Expect(entries[0].Id > _newest.GetValueOrDefault(stream, -1), "nothing older than what was settled in " + stream);
            _held.Add(push);
            _generations[push] = _generation;
        }
    }

    /// <summary>The target gave up waiting: a time-out, unless it was closed meanwhile.</summary>
    public void Cancel(HeldPush push)
    {
        lock (_lock)
        {
            var waited = time.Elapsed - push.ArrivedAt;
            if (!_held.Contains(push))
                return;
            if (waited == TimeSpan.FromSeconds(10) || waited == TimeSpan.FromSeconds(2))
                Break(push);
        }
    }

    /// <summary>What was on its way when the target was closed for good.</summary>
    public void Close()
    {
        lock (_lock)
        {
            foreach (var entry in _entries.Where(entry => entry.Place < OraclePlace.Delivered))
                Lose(entry, LokiDropReason.Closed);
            _held.Clear();
            _isClosed = true;
        }
    }

    public void Answer(HeldPush push, ScriptedAnswer answer, int some)
    {
        lock (_lock)
        {
            LastLatency = time.Elapsed - push.ArrivedAt;
            answer.Predict(this, push, some);
        }
    }

    public void Deliver(HeldPush push)
    {
        Leave(push, isError: false);
        Store(push, push.Entries.Count);
        foreach (var entry in Of(push))
            entry.Place = OraclePlace.Delivered;
        _aloneInARow = 0;
        _passes++;
        Settle(push);
        PassEndpoint(push);
    }

    /// <summary>The last so many are refused for good, the others are stored.</summary>
    public void Reject(HeldPush push, LokiDropReason reason, int count)
    {
        Leave(push);
        Store(push, push.Entries.Count - count);
        foreach (var (entry, index) in Of(push).Select((entry, index) => (entry, index)))
        {
            entry.Place = OraclePlace.Delivered;
            if (index >= push.Entries.Count - count)
                Lose(entry, reason);
        }

        _aloneInARow = 0;
        Settle(push);
        PassEndpoint(push);
    }

    public void Split(HeldPush push, LokiDropReason reason)
    {
        Leave(push);
        if (push.Entries.Count == 1)
        {
            _aloneInARow++;
            Lose(push, reason);
        }
        else
        {
            Halve(push);
        }

        if (_aloneInARow >= MostAloneInARow)
            FailEndpoint(push);
        else
            PassEndpoint(push);
    }

    public void Strip(HeldPush push)
    {
        Leave(push);
        PassEndpoint(push);
        if (Of(push)[0].IsStripped)
        {
            Lose(push, LokiDropReason.Rejected);
            return;
        }

        _metadataPausedAt = time.Elapsed;
        MetadataCut += push.Entries.Count;
        foreach (var entry in Of(push))
        {
            entry.IsStripped = true;
            entry.BeginAnew(push.Entries.Count == 1);
        }

        Wait(Of(push));
    }

    public void StoreAndRetry(HeldPush push)
    {
        Store(push, push.Entries.Count);
        Retry(push, isEndpoint: true);
    }

    /// <summary>A server answers that it wants the batch later.</summary>
    public void Retry(HeldPush push, bool isEndpoint)
    {
        Leave(push);
        if (!IsExpired(push))
        {
            var entries = Of(push);
            var isPoison = false;
            foreach (var entry in entries)
            {
                if (isEndpoint && entry.Refusals++ == 0)
                    entry.PassesBefore = _passes;
                entry.Throttles += isEndpoint ? 0 : 1;
                isPoison = isEndpoint && entry.Refusals >= (entries.Count == 1 ? PoisonRefusalsAlone : PoisonRefusals) && _passes > entry.PassesBefore;
            }

            if (!isEndpoint && entries.Count > 1 && entries[0].Throttles % MostThrottles == 0)
                Halve(push);
            else if (!isPoison)
                Wait(entries);
            else if (entries.Count == 1)
                Lose(push, LokiDropReason.Poison);
            else
                Halve(push);
        }

        if (isEndpoint)
            FailEndpoint(push);
        else
            PassEndpoint(push);
    }

    public void RefuseStream(HeldPush push)
    {
        Leave(push);
        PassEndpoint(push);
        if (IsExpired(push))
            return;
        var since = Of(push)[0].StreamLimitSince ?? time.Elapsed;
        foreach (var entry in Of(push))
            entry.StreamLimitSince = since;
        if (time.Elapsed - since >= TimeSpan.FromMinutes(10))
            Lose(push, LokiDropReason.StreamLimit);
        else
            Wait(Of(push));
    }

    public void Hold(HeldPush push)
    {
        Leave(push);
        Wait(Of(push));
        FailEndpoint(push);
    }

    /// <summary>No answer: a time-out or a broken connection.</summary>
    public void Break(HeldPush push)
    {
        Leave(push);
        if (!IsExpired(push))
            Wait(Of(push));
        FailEndpoint(push);
    }

    /// <summary>Every acknowledged entry is stored, and none twice.</summary>
    public void ExpectStored()
    {
        lock (_lock)
        {
            var stored = _store.Select(entry => IdOf(entry.Line)).ToList();
            Expect(stored.Distinct().Count() == stored.Count, "stored twice");
            Expect(!_entries.Where(entry => entry.Place == OraclePlace.Delivered).Select(entry => entry.Id).Except(stored).Any(), "delivered and not stored");
        }
    }

    private bool IsExpired(HeldPush push)
    {
        if (retryCount == 0 || Of(push)[0].Attempts <= retryCount)
            return false;
        Lose(push, LokiDropReason.Expired);
        return true;
    }

    private void Leave(HeldPush push, bool isError = true)
    {
        _held.Remove(push);
        if (isError)
            Errors++;
    }

    private void Store(HeldPush push, int count)
    {
        foreach (var entry in push.Entries.Take(count))
            _store.Add((push.Labels["level"], entry.Nanoseconds, entry.Line));
    }

    private void Halve(HeldPush push)
    {
        var entries = Of(push);
        foreach (var part in new[] { entries[..(entries.Count / 2)], entries[(entries.Count / 2)..] })
        {
            part.ForEach(entry => entry.BeginAnew(part.Count == 1));
            Wait(part);
        }
    }

    private void Wait(IEnumerable<OracleEntry> entries)
    {
        _batches++;
        foreach (var entry in entries)
        {
            entry.Place = OraclePlace.Retrying;
            entry.Batch = _batches;
        }
    }

    private void Lose(HeldPush push, LokiDropReason reason)
    {
        foreach (var entry in Of(push))
            Lose(entry, reason);
        Settle(push);
    }

    private static void Lose(OracleEntry entry, LokiDropReason reason)
    {
        entry.Place = OraclePlace.Lost;
        entry.Reason = reason;
    }

    private void Settle(HeldPush push) => _newest[push.Labels["level"]] = Of(push)[^1].Id;

    private void FailEndpoint(HeldPush push)
    {
        if (_generations[push] != _generation)
            return;
        _failures++;
        _generation++;
        if (_failures == breakerThreshold)
            Trips++;
    }

    // What began before the last failure proves nothing about what came after it.
    private void PassEndpoint(HeldPush push)
    {
        if (_failures == 0 || _generations[push] != _generation)
            return;
        _failures = 0;
        _generation++;
    }

    private List<OracleEntry> Of(HeldPush push) => [.. push.Entries.Select(entry => _entries[IdOf(entry.Line)])];

    private static int IdOf(string line) => int.Parse(line[..line.IndexOf(' ', StringComparison.Ordinal)]);

    private void Expect(bool condition, string what)
    {
        if (!condition)
            Violations.Add(what);
    }
}
