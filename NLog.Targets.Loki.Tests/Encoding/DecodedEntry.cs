using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.Json;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;

namespace NLog.Targets.Loki.Tests.Encoding;

/// <summary>Owns one entry of a push as Google's and Microsoft's decoders read it, which share nothing with the encoders.</summary>
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
        var stream = Fields(body).Single(field => field.Number == 1).Bytes;
        Assert(Fields(body).Count == 1, "nothing but the stream");
        var labels = s_strict.GetString(Fields(stream).Single(field => field.Number == 1).Bytes);
        return (labels, Fields(stream).Where(field => field.Number == 2).Select(field => OfProtobuf(field.Bytes)).ToList());
    }

    /// <summary>A field 2 of a stream, tag and length included.</summary>
    public static DecodedEntry FromProtobuf(ReadOnlySpan<byte> bytes)
    {
        var (number, entry) = Fields(bytes.ToArray()).Single();
        Assert(number == 2, "an entry of a stream");
        return OfProtobuf(entry);
    }

    private static DecodedEntry OfJson(JsonElement entry)
    {
        var metadata = entry.GetArrayLength() == 3 ? entry[2].EnumerateObject().Select(pair => (pair.Name, pair.Value.GetString()!)) : [];
        return new(long.Parse(entry[0].GetString()!, System.Globalization.CultureInfo.InvariantCulture), entry[1].GetString()!, metadata.ToList());
    }

    private static DecodedEntry OfProtobuf(byte[] entry)
    {
        var fields = Fields(entry);
        var time = Timestamp.Parser.ParseFrom(fields.Single(field => field.Number == 1).Bytes);
        Assert(time.Nanos is >= 0 and < 1_000_000_000, "nanos as Loki takes them");
        var metadata = fields.Where(field => field.Number == 3).Select(field =>
        {
            var pair = Fields(field.Bytes);
            return (s_strict.GetString(pair.Single(part => part.Number == 1).Bytes), s_strict.GetString(pair.Single(part => part.Number == 2).Bytes));
        });
        var nanoseconds = (long)(((Int128)time.Seconds * 1_000_000_000) + time.Nanos);
        return new(nanoseconds, s_strict.GetString(fields.Single(field => field.Number == 2).Bytes), metadata.ToList());
    }

    private static List<(int Number, byte[] Bytes)> Fields(byte[] message)
    {
        var fields = new List<(int, byte[])>();
        var input = new CodedInputStream(message);
        for (var tag = input.ReadTag(); tag != 0; tag = input.ReadTag())
        {
            Assert(WireFormat.GetTagWireType(tag) == WireFormat.WireType.LengthDelimited, "a field with a length");
            fields.Add((WireFormat.GetTagFieldNumber(tag), input.ReadBytes().ToByteArray()));
        }

        return fields;
    }

    private static void Assert(bool holds, string what)
    {
        if (!holds)
            throw new InvalidOperationException("not " + what);
    }
}
