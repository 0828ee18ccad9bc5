using System;
using System.Collections.Generic;
using System.IO;
using System.IO.Compression;

namespace NLog.Targets.Loki.Encoding;

/// <summary>
/// What a body with one stream consists of besides its entries, and how it is compressed: labels, prefix, entries with a
/// separator between each two, suffix.
/// </summary>
internal abstract class PushFormat
{
    public static PushFormat Json { get; } = new JsonFormat();

    public static PushFormat Protobuf { get; } = new ProtobufFormat();

    public abstract string ContentType { get; }

    /// <summary>What stands between two entries.</summary>
    public abstract byte[] Separator { get; }

    public abstract byte[] Suffix { get; }

    public abstract EntryEncoder CreateEncoder();

    /// <summary>The labels as a body has them; made once for a stream.</summary>
    public abstract byte[] Labels(IReadOnlyCollection<KeyValuePair<string, string>> labels);

    /// <summary>Everything before the first entry.</summary>
    /// <param name="labels">What <see cref="Labels"/> made.</param>
    /// <param name="entryBytes">All entries and what separates them.</param>
    public abstract byte[] Prefix(byte[] labels, long entryBytes);

    public abstract int PrefixLength(byte[] labels, long entryBytes);

    /// <summary>An entry that this format wrote, without its metadata; it is changed in place.</summary>
    public abstract ReadOnlySpan<byte> DropMetadata(Span<byte> entry);

    /// <summary>How the compressed body is named in the request; null when there is nothing to name.</summary>
    public abstract string? ContentEncoding(CompressionLevel level);

    /// <summary>What compresses a body of this length into <paramref name="target"/>; its end is complete once it is disposed of.</summary>
    public abstract Stream Compress(Stream target, CompressionLevel level, long bodyBytes);

    /// <summary>Reads what <see cref="Compress"/> wrote.</summary>
    public abstract Stream Decompress(Stream source, CompressionLevel level);
}
