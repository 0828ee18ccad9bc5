using System;
using System.Collections.Generic;
using System.IO;
using System.IO.Compression;
using NLog.Targets.Loki.Diagnostics;
using NLog.Targets.Loki.Encoding;

namespace NLog.Targets.Loki.Batching;

/// <summary>
/// The entries of one request: encoded bytes while it is open, an immutable payload from its first attempt on, and
/// where each entry begins, so that it can be split without a parser.
/// </summary>
internal sealed class Batch
{
    // What a batch costs besides its bytes: objects, the first offset block, list nodes. Without it, a hundred thousand
    // streams of one short line would hide their real size from bufferLimitBytes.
    public const int OverheadBytes = 2048;

    private readonly SegmentBuffer _entries = new();
    private readonly EntryOffsets _offsets = new();
    private List<(FlushTicket Ticket, int Entries)>? _tickets;
    private Payload? _payload;
    private long _entryBytes;

    public Batch(StreamKey stream, TimeSpan openedAt)
    {
        Stream = stream;
        OpenedAt = openedAt;
    }

    public StreamKey Stream { get; }

    /// <summary>When the first entry went in; the linger and the eviction order count from here.</summary>
    public TimeSpan OpenedAt { get; }

    public PushFormat Format => Stream.Labels.Format;

    public int Count { get; private set; }

    /// <summary>Size of the uncompressed request body, exact at any moment.</summary>
    public long BodyBytes => BodyBytesWith(_entryBytes);

    /// <summary>What the batch takes of <c>bufferLimitBytes</c>.</summary>
    public long HeldBytes => OverheadBytes + (_payload is null ? _entries.Length : _payload.Length);

    public long OldestNanoseconds { get; private set; } = long.MaxValue;

    public long NewestNanoseconds { get; private set; } = long.MinValue;

    public int Attempts { get; set; }

    public int Timeouts { get; set; }

    /// <summary>How often the connection broke under it.</summary>
    public int Breaks { get; set; }

    /// <summary>How often a rate kept it out.</summary>
    public int Throttles { get; set; }

    /// <summary>How often a server failed on it.</summary>
    public int ServerFailures { get; set; }

    /// <summary>How many batches had been delivered when that began.</summary>
    public long PassesBefore { get; set; }

    /// <summary>Whether the structured metadata was taken out.</summary>
    public bool IsStripped { get; private init; }

    /// <summary>When Loki's limit of streams first kept this batch out.</summary>
    public TimeSpan? StreamLimitSince { get; set; }

    /// <summary>What of it the buffer has added up so far.</summary>
    public long CountedBytes { get; set; }

    public Place Place { get; set; } = Place.Buffered;

    public LinkedListNode<Batch>? AgeNode { get; set; }

    /// <summary>Whether one more entry of this size fits; the separator before it counts.</summary>
    public bool Fits(int entryBytes, int maxEntries, long maxBodyBytes) =>
        Count < maxEntries && BodyBytesWith(_entryBytes + entryBytes + (Count > 0 ? Format.Separator.Length : 0)) <= maxBodyBytes;

    public void Append(ReadOnlySpan<byte> entry, long nanoseconds)
    {
        if (Count > 0)
            _entries.Append(Format.Separator);
        _offsets.Add((int)_entries.Length);
        Count++;
        _entries.Append(entry);
        _entryBytes = _entries.Length;
        OldestNanoseconds = Math.Min(OldestNanoseconds, nanoseconds);
        NewestNanoseconds = Math.Max(NewestNanoseconds, nanoseconds);
    }

    public void Attach(FlushTicket ticket)
    {
        (_tickets ??= new List<(FlushTicket, int)>()).Add((ticket, Count));
        ticket.Expect(Count);
    }

    /// <summary>Every entry of this batch has come to its end; <paramref name="lost"/> of them did not arrive.</summary>
    public void Resolve(long lost)
    {
        if (_tickets is null)
            return;
        foreach (var (ticket, entries) in _tickets)
            ticket.Resolve(entries, lost);
        _tickets = null;
    }

    /// <summary>The bytes to send: made once, at the first attempt, and the same for every further one.</summary>
    public Payload Seal(CompressionLevel compression)
    {
        if (_payload is not null)
            return _payload;
        var output = new PayloadStream();
        using (var stream = Format.Compress(output, compression, BodyBytes))
        {
            var prefix = Format.Prefix(Stream.Labels.Bytes, _entryBytes);
            stream.Write(prefix, 0, prefix.Length);
            _entries.CopyTo(stream, 0, _entryBytes);
            stream.Write(Format.Suffix, 0, Format.Suffix.Length);
        }

        _payload = output.ToPayload(Format, compression);
        _entries.Release();
        return _payload;
    }

    /// <summary>The same, or null and why it cannot be made.</summary>
    public Payload? TrySeal(CompressionLevel compression, out Exception? error)
    {
        error = null;
        try
        {
            return Seal(compression);
        }
        catch (Exception reason)
        {
            error = reason;
            return null;
        }
    }

    /// <summary>Two batches with the first and second half of the entries, to be sent in this order.</summary>
    public Batch[] Split() => Copy(false, 0, Count / 2, Count);

    /// <summary>The same entries without their structured metadata.</summary>
    public Batch[] Strip() => Copy(true, 0, Count);

    /// <summary>The batch is over; lists that still name it must not keep its bytes.</summary>
    public void Release()
    {
        _entries.Release();
        _payload = null;
        _offsets.Release();
    }

    private long BodyBytesWith(long entryBytes) => Format.PrefixLength(Stream.Labels.Bytes, entryBytes) + entryBytes + Format.Suffix.Length;

    private Batch[] Copy(bool strip, params int[] bounds)
    {
        var body = ReadBody();
        var parts = new Batch[bounds.Length - 1];
        for (var i = 0; i < parts.Length; i++)
            parts[i] = Slice(body, bounds[i], bounds[i + 1], strip);
        if (_tickets is not null)
        {
            foreach (var (ticket, _) in _tickets)
                Array.ForEach(parts, part => part.Attach(ticket));
            Resolve(0);
        }

        body.Release();
        Release();
        return parts;
    }

    private Batch Slice(SegmentBuffer body, int from, int to, bool strip)
    {
        var part = new Batch(Stream, OpenedAt) { Attempts = Attempts, ServerFailures = to - from == 1 ? 0 : ServerFailures, PassesBefore = PassesBefore, IsStripped = strip || IsStripped, Place = Place };
        var first = Format.PrefixLength(Stream.Labels.Bytes, _entryBytes);
        var end = (int)body.Length - Format.Suffix.Length;
        using var bytes = new MemoryStream();
        for (var i = from; i < to; i++)
        {
            var start = first + _offsets[i];
            var next = i + 1 < Count ? first + _offsets[i + 1] - Format.Separator.Length : end;
            bytes.SetLength(0);
            body.CopyTo(bytes, start, next - start);
            var entry = new Span<byte>(bytes.GetBuffer(), 0, (int)bytes.Length);
            // The bounds of the whole are good enough for a part: they steer, they are not sent.
            part.Append(strip ? Format.DropMetadata(entry) : entry, OldestNanoseconds);
        }

        part.NewestNanoseconds = NewestNanoseconds;
        return part;
    }

    private SegmentBuffer ReadBody()
    {
        var body = new SegmentBuffer();
        using var source = _payload!.OpenUncompressed();
        var chunk = new byte[8192];
        int read;
        while ((read = source.Read(chunk, 0, chunk.Length)) > 0)
            body.Append(new ReadOnlySpan<byte>(chunk, 0, read));
        return body;
    }
}
