using System;
using System.Collections.Generic;
using System.IO;
using System.IO.Compression;

namespace NLog.Targets.Loki.Encoding;

/// <summary>The pieces of a protobuf body, a PushRequest of Loki's pkg/push/push.proto, compressed as one snappy block.</summary>
internal sealed class ProtobufFormat : PushFormat
{
    // PushRequest.streams and StreamAdapter.labels: both field 1, with a length.
    private const byte StreamTag = 0x0A;
    private const byte LabelsTag = 0x0A;

    public override string ContentType => "application/x-protobuf";

    public override byte[] Separator { get; } = Array.Empty<byte>();

    public override byte[] Suffix { get; } = Array.Empty<byte>();

    public override EntryEncoder CreateEncoder() => new ProtobufEntryEncoder();

    public override byte[] Labels(IReadOnlyCollection<KeyValuePair<string, string>> labels)
    {
        var text = System.Text.Encoding.UTF8.GetBytes(LabelEncoder.LogQL(labels));
        return Field(LabelsTag, text, text.Length);
    }

    public override byte[] Prefix(byte[] labels, long entryBytes) => Field(StreamTag, labels, labels.Length + entryBytes);

    public override int PrefixLength(byte[] labels, long entryBytes) => 1 + Varint.Length((ulong)(labels.Length + entryBytes)) + labels.Length;

    public override ReadOnlySpan<byte> DropMetadata(Span<byte> entry)
    {
        // The time and the line, if there is one, come first, and the length before them is rewritten: it takes as many bytes or fewer.
        var body = 1;
        Varint.ReadLength(entry, ref body);
        var end = body;
        while (end < entry.Length && entry[end] != ProtobufEntryEncoder.MetadataTag)
        {
            end++;
            var length = Varint.ReadLength(entry, ref end);
            end += length;
        }

        var start = body - Varint.Length((ulong)(end - body)) - 1;
        entry[start] = ProtobufEntryEncoder.EntryTag;
        Varint.Write(entry, start + 1, (ulong)(end - body));
        return entry.Slice(start, end - start);
    }

    // A snappy block is what the content type means; Content-Encoding would name something around it (pkg/util/http.go, ParseProtoReader).
    public override string? ContentEncoding(CompressionLevel level) => null;

    public override Stream Compress(Stream target, CompressionLevel level, long bodyBytes) => new SnappyWriter(target, bodyBytes);

    public override Stream Decompress(Stream source, CompressionLevel level) => new SnappyReader(source);

    /// <summary>Tag, length, and the content as far as it is known here.</summary>
    private static byte[] Field(byte tag, byte[] content, long length)
    {
        var field = new byte[1 + Varint.Length((ulong)length) + content.Length];
        field[0] = tag;
        var at = Varint.Write(field, 1, (ulong)length);
        Buffer.BlockCopy(content, 0, field, at, content.Length);
        return field;
    }
}
