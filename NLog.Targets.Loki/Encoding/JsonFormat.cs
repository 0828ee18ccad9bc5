using System;
using System.Collections.Generic;
using System.IO;
using System.IO.Compression;

namespace NLog.Targets.Loki.Encoding;

/// <summary>The pieces of a JSON body (Loki's push API, v1), compressed by gzip.</summary>
internal sealed class JsonFormat : PushFormat
{
    public override string ContentType => "application/json";

    public override byte[] Separator { get; } = { (byte)',' };

    public override byte[] Suffix { get; } = { (byte)']', (byte)'}', (byte)']', (byte)'}' };

    public override EntryEncoder CreateEncoder() => new JsonEntryEncoder();

    public override byte[] Labels(IReadOnlyCollection<KeyValuePair<string, string>> labels) =>
        System.Text.Encoding.UTF8.GetBytes("{\"streams\":[{\"stream\":" + LabelEncoder.Json(labels) + ",\"values\":[");

    public override byte[] Prefix(byte[] labels, long entryBytes) => labels;

    public override int PrefixLength(byte[] labels, long entryBytes) => labels.Length;

    public override ReadOnlySpan<byte> DropMetadata(Span<byte> entry)
    {
        // The first string is the time, which needs no escapes; the second one is the line.
        var at = entry.IndexOf((byte)',') + 2;
        while (entry[at] != (byte)'"')
            at += entry[at] == (byte)'\\' ? 2 : 1;
        entry[at + 1] = (byte)']';
        return entry.Slice(0, at + 2);
    }

    // Exactly this spelling: Loki compares the encoding case-sensitively (pkg/loghttp/push/push.go).
    public override string? ContentEncoding(CompressionLevel level) => level == CompressionLevel.NoCompression ? null : "gzip";

    public override Stream Compress(Stream target, CompressionLevel level, long bodyBytes) =>
        level == CompressionLevel.NoCompression ? target : new GZipStream(target, level, leaveOpen: true);

    public override Stream Decompress(Stream source, CompressionLevel level) =>
        level == CompressionLevel.NoCompression ? source : new GZipStream(source, CompressionMode.Decompress);
}
