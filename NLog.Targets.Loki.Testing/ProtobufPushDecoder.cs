using System;
using System.Collections.Generic;
using Google.Protobuf;

namespace NLog.Targets.Loki.Testing;

/// <summary>Reads a PushRequest (pkg/push/push.proto); the texts of refusals are those of Loki's generated code.</summary>
internal static class ProtobufPushDecoder
{
    private static readonly KeyValuePair<string, string>[] NoMetadata = [];

    public static List<PushedStream> Decode(ReadOnlyMemory<byte> message)
    {
        var streams = new List<PushedStream>();
        var fields = new WireFields("PushRequest", UnsafeByteOperations.UnsafeWrap(message));
        while (fields.Next())
        {
            switch (fields.Number)
            {
                case 1:
                    streams.Add(ReadStream(fields.Bytes("Streams")));
                    break;
                case 2:
                    fields.Bytes("Format");
                    break;
                default:
                    fields.Skip();
                    break;
            }
        }

        return streams;
    }

    private static PushedStream ReadStream(ByteString message)
    {
        var labels = "";
        var entries = new List<PushedEntry>();
        var fields = new WireFields("StreamAdapter", message);
        while (fields.Next())
        {
            switch (fields.Number)
            {
                case 1:
                    labels = GoText.Of(fields.Bytes("Labels").Span);
                    break;
                case 2:
                    entries.Add(ReadEntry(fields.Bytes("Entries")));
                    break;
                case 3:
                    fields.Varint("Hash");
                    break;
                default:
                    fields.Skip();
                    break;
            }
        }

        return new PushedStream(labels, entries);
    }

    private static PushedEntry ReadEntry(ByteString message)
    {
        var (seconds, nanos) = (NanosecondTime.YearOne, 0);
        var line = "";
        List<KeyValuePair<string, string>>? metadata = null;
        var fields = new WireFields("EntryAdapter", message);
        while (fields.Next())
        {
            switch (fields.Number)
            {
                case 1:
                    (seconds, nanos) = ReadTimestamp(fields.Bytes("Timestamp"));
                    break;
                case 2:
                    line = GoText.Of(fields.Bytes("Line").Span);
                    break;
                case 3:
                    (metadata ??= []).Add(ReadPair(fields.Bytes("StructuredMetadata")));
                    break;
                case 4:
                    ReadPair(fields.Bytes("Parsed"));
                    break;
                default:
                    fields.Skip();
                    break;
            }
        }

        return new PushedEntry(NanosecondTime.Wrapped(seconds, nanos), seconds, line, (IReadOnlyList<KeyValuePair<string, string>>?)metadata ?? NoMetadata);
    }

    private static KeyValuePair<string, string> ReadPair(ByteString message)
    {
        var (name, value) = ("", "");
        var fields = new WireFields("LabelPairAdapter", message);
        while (fields.Next())
        {
            switch (fields.Number)
            {
                case 1:
                    name = GoText.Of(fields.Bytes("Name").Span);
                    break;
                case 2:
                    value = GoText.Of(fields.Bytes("Value").Span);
                    break;
                default:
                    fields.Skip();
                    break;
            }
        }

        return new(name, value);
    }

    private static (long Seconds, int Nanos) ReadTimestamp(ByteString message)
    {
        var (seconds, nanos) = (0L, 0);
        var fields = new WireFields("Timestamp", message);
        while (fields.Next())
        {
            switch (fields.Number)
            {
                case 1:
                    seconds = fields.Varint("Seconds");
                    break;
                case 2:
                    nanos = unchecked((int)fields.Varint("Nanos"));
                    break;
                default:
                    fields.Skip();
                    break;
            }
        }

        // pkg/push/timestamp.go, validateTimestamp
        var fault = seconds < NanosecondTime.YearOne ? " before 0001-01-01"
            : seconds >= NanosecondTime.YearTenThousand ? " after 10000-01-01"
            : nanos is < 0 or >= 1_000_000_000 ? ": nanos not in range [0, 1e9)"
            : null;
        return fault is null
            ? (seconds, nanos)
            : throw new PushRefusal(400, $"timestamp: &types.Timestamp{{Seconds: {seconds},\nNanos: {nanos},\n}}{fault}");
    }
}
