using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.Json;
using Google.Protobuf;

namespace NLog.Targets.Loki.Tests.Encoding;

/// <summary>One entry of a push as Microsoft's decoder of JSON and the classes that protoc makes of the schema read it, which share nothing with the encoders.</summary>
internal sealed record DecodedEntry(long Nanoseconds, string Line, IReadOnlyList<(string Name, string Value)> Metadata)
{
    private static readonly System.Text.UTF8Encoding s_strict = new(false, throwOnInvalidBytes: true);

    public bool Equals(DecodedEntry? other) =>
        other is not null && Nanoseconds == other.Nanoseconds && Line == other.Line && Metadata.SequenceEqual(other.Metadata);

    public override int GetHashCode() => HashCode.Combine(Nanoseconds, Line);

    public override string ToString() => $"{Nanoseconds} {Line} {string.Join(", ", Metadata)}";

    public static DecodedEntry FromJson(ReadOnlySpan<byte> bytes)
    {
        using var json = JsonDocument.Parse(s_strict.GetString(bytes));
        return OfJson(json.RootElement);
    }

    /// <summary>The labels and entries of the one stream of an uncompressed body.</summary>
    public static (string Labels, List<DecodedEntry> Entries) FromJsonBody(byte[] body)
    {
        using var json = JsonDocument.Parse(s_strict.GetString(body));
        var stream = json.RootElement.GetProperty("streams").EnumerateArray().Single();
        return (stream.GetProperty("stream").GetRawText(), stream.GetProperty("values").EnumerateArray().Select(OfJson).ToList());
    }

    /// <summary>The labels and entries of the one stream of an uncompressed PushRequest.</summary>
    public static (string Labels, List<DecodedEntry> Entries) FromProtobufBody(byte[] body)
    {
        var request = Read(Schema.PushRequest.Parser, body);
        var stream = request.Streams.Single();
        Assert(request.Format.Length == 0 && stream.Hash == 0, "nothing but the stream");
        return (stream.Labels, stream.Entries.Select(OfProtobuf).ToList());
    }

    /// <summary>A field 2 of a stream, tag and length included.</summary>
    public static DecodedEntry FromProtobuf(ReadOnlySpan<byte> bytes) =>
        OfProtobuf(Read(Schema.Stream.Parser, bytes.ToArray()).Entries.Single());

    private static DecodedEntry OfJson(JsonElement entry)
    {
        var metadata = entry.GetArrayLength() == 3 ? entry[2].EnumerateObject().Select(pair => (pair.Name, pair.Value.GetString()!)) : [];
        return new(long.Parse(entry[0].GetString()!, System.Globalization.CultureInfo.InvariantCulture), entry[1].GetString()!, metadata.ToList());
    }

    private static DecodedEntry OfProtobuf(Schema.Entry entry)
    {
        Assert(entry.Timestamp.Nanos is >= 0 and < 1_000_000_000, "nanos as Loki takes them");
        Assert(entry.Parsed.Count == 0, "nothing that Loki has parsed");
        var nanoseconds = (long)(((Int128)entry.Timestamp.Seconds * 1_000_000_000) + entry.Timestamp.Nanos);
        return new(nanoseconds, entry.Line, entry.StructuredMetadata.Select(pair => (pair.Name, pair.Value)).ToList());
    }

    // Written again it is the same to the byte, so it holds nothing that the schema does not know, and no text that is not UTF-8.
    private static T Read<T>(MessageParser<T> parser, byte[] bytes)
        where T : IMessage<T>
    {
        var message = parser.WithDiscardUnknownFields(true).ParseFrom(bytes);
        Assert(message.ToByteArray().SequenceEqual(bytes), "the bytes that classes of the schema write");
        return message;
    }

    private static void Assert(bool holds, string what)
    {
        if (!holds)
            throw new InvalidOperationException("not " + what);
    }
}
