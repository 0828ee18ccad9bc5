using System;

namespace NLog.Targets.Loki.Encoding;

/// <summary>Writes one entry as field 2 of a StreamAdapter (pkg/push/push.proto), tag and length included.</summary>
internal sealed class ProtobufEntryEncoder : EntryEncoder
{
    /// <summary>StreamAdapter.entries.</summary>
    public const byte EntryTag = 0x12;

    /// <summary>EntryAdapter.structuredMetadata, which comes last.</summary>
    public const byte MetadataTag = 0x1A;

    private const byte TimestampTag = 0x0A;
    private const byte SecondsTag = 0x08;
    private const byte NanosTag = 0x10;
    private const byte LineTag = 0x12;
    private const byte NameTag = 0x0A;
    private const byte ValueTag = 0x12;
    private const long NanosecondsPerSecond = 1_000_000_000;

    // What comes before a field's content; an entry ends far below the size that would need more.
    private const int MaxHeadBytes = 1 + Varint.MaxBytesOfInt32;

    private int _start;

    public override ReadOnlySpan<byte> Entry => new(Bytes, _start, Length - _start);

    public override bool Line(ReadOnlySpan<char> line, int maxBytes) => Text(LineTag, line, maxBytes);

    public override bool Metadata(string name, ReadOnlySpan<char> value, int maxBytes)
    {
        Reserve(MaxHeadBytes);
        var expected = name.Length + Math.Min(value.Length, maxBytes);
        // Right unless a character takes more than one byte at the wrong place, and mended then.
        var (content, room) = Open(MetadataTag, expected + 2 + Varint.Length((ulong)name.Length) + Varint.Length((ulong)(expected - name.Length)));
        Text(NameTag, name.AsSpan(), int.MaxValue);
        var cut = Text(ValueTag, value, maxBytes);
        Close(content, room);
        return cut;
    }

    public override void End()
    {
        // The length of an entry is known last, so it is written backwards into the room that was left for it.
        var bytes = Length - MaxHeadBytes;
        _start = Varint.MaxBytesOfInt32 - Varint.Length((ulong)bytes);
        Bytes[_start] = EntryTag;
        Varint.Write(Bytes, _start + 1, (ulong)bytes);
    }

    protected override void WriteTime(long nanoseconds)
    {
        // Loki takes nanoseconds from 0 to 999999999 only, so before 1970 the second before counts (pkg/push/timestamp.go).
        var seconds = nanoseconds / NanosecondsPerSecond;
        var nanos = nanoseconds % NanosecondsPerSecond;
        if (nanos < 0)
        {
            seconds--;
            nanos += NanosecondsPerSecond;
        }

        Reserve(MaxHeadBytes + 4 + Varint.MaxBytesOfInt64 + Varint.MaxBytesOfInt32);
        Length = MaxHeadBytes;
        Put(TimestampTag);
        Length++;
        var content = Length;
        Number(SecondsTag, seconds);
        Number(NanosTag, nanos);
        Bytes[content - 1] = (byte)(Length - content);
    }

    // A field that holds nothing is left out, as writers of proto3 do.
    private void Number(byte tag, long value)
    {
        if (value == 0)
            return;
        Put(tag);
        Length = Varint.Write(Bytes, Length, (ulong)value);
    }

    private bool Text(byte tag, ReadOnlySpan<char> text, int maxBytes)
    {
        var fitting = Utf8Text.Fit(text, maxBytes);
        if (fitting == 0)
            return text.Length > 0;
        Reserve(checked(MaxHeadBytes + fitting * Utf8Text.MaxBytesPerChar));
        var (content, room) = Open(tag, fitting);
        Length += Utf8Text.Write(text.Slice(0, fitting), Bytes, Length);
        Close(content, room);
        return fitting < text.Length;
    }

    /// <summary>Begins a field whose content has about this many bytes; returns where it begins and the room left for its length.</summary>
    private (int Content, int Room) Open(byte tag, int expected)
    {
        Put(tag);
        var room = Varint.Length((ulong)expected);
        Length += room;
        return (Length, room);
    }

    /// <summary>Ends a field, whose content moves when its length takes another room than was left.</summary>
    private void Close(int content, int room)
    {
        var count = Length - content;
        var needed = Varint.Length((ulong)count);
        if (needed != room)
        {
            Reserve(Varint.MaxBytesOfInt32);
            Buffer.BlockCopy(Bytes, content, Bytes, content - room + needed, count);
            Length += needed - room;
        }

        Varint.Write(Bytes, content - room, (ulong)count);
    }
}
