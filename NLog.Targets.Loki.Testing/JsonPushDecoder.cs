using System;
using System.Buffers.Text;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace NLog.Targets.Loki.Testing;

/// <summary>
/// Reads a JSON body (pkg/util/unmarshal/unmarshal.go, pkg/loghttp/query.go). The texts of its refusals resemble Loki's, which
/// quote pieces of the payload; only the status is to be relied on.
/// </summary>
internal static class JsonPushDecoder
{
    private const string Within = "loghttp.PushRequest.Streams: []loghttp.LogProtoStream: unmarshalerDecoder: ";

    private static readonly KeyValuePair<string, string>[] NoMetadata = [];

    // The nesting at which jsoniter gives up.
    private static readonly JsonReaderOptions ReaderOptions = new() { MaxDepth = 10000 };

    public static List<PushedStream> Decode(ReadOnlySpan<byte> body)
    {
        if (body.IsEmpty)
        {
            throw new PushRefusal(400, "EOF");
        }

        // Loki does not check UTF-8 and answers invalid bytes as U+FFFD, so they are replaced up front.
        if (!Utf8.IsValid(body))
        {
            body = Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(body));
        }

        try
        {
            var reader = new Utf8JsonReader(body, ReaderOptions);
            return ReadDocument(ref reader, body);
        }
        catch (JsonException fault)
        {
            throw new PushRefusal(400, Within + fault.Message);
        }
        catch (InvalidOperationException fault)
        {
            // The reader's way of saying that an escape is no character, such as a lone surrogate.
            throw new PushRefusal(400, Within + fault.Message);
        }
    }

    private static List<PushedStream> ReadDocument(ref Utf8JsonReader reader, ReadOnlySpan<byte> body)
    {
        var streams = new List<PushedStream>();
        reader.Read();
        if (reader.TokenType == JsonTokenType.Null)
        {
            return streams;
        }

        if (reader.TokenType != JsonTokenType.StartObject)
        {
            throw new PushRefusal(400, $"readObjectStart: expect {{ or n, but found {(char)body[(int)reader.TokenStartIndex]}");
        }

        // Only up to the closing brace: what follows the document is ignored.
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isStreams = string.Equals(reader.GetString(), "streams", StringComparison.OrdinalIgnoreCase);
            reader.Read();
            if (!isStreams)
            {
                reader.Skip();
                continue;
            }

            if (reader.TokenType == JsonTokenType.Null)
            {
                continue;
            }

            Expect(ref reader, JsonTokenType.StartArray, "expect [ or n");
            while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            {
                streams.Add(ReadStream(ref reader, body));
            }
        }

        return streams;
    }

    private static PushedStream ReadStream(ref Utf8JsonReader reader, ReadOnlySpan<byte> body)
    {
        Expect(ref reader, JsonTokenType.StartObject, "Unknown value type");
        IReadOnlyList<KeyValuePair<string, string>> labels = [];
        List<PushedEntry> entries = [];
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isLabels = reader.ValueTextEquals("stream"u8);
            var isValues = reader.ValueTextEquals("values"u8);
            reader.Read();
            if (isLabels)
            {
                labels = ReadLabels(ref reader, body);
            }
            else if (isValues)
            {
                entries = ReadValues(ref reader);
            }
            else
            {
                reader.Skip();
            }
        }

        return new PushedStream(labels, entries);
    }

    private static List<KeyValuePair<string, string>> ReadLabels(ref Utf8JsonReader reader, ReadOnlySpan<byte> body)
    {
        Expect(ref reader, JsonTokenType.StartObject, "Value looks like object, but can't find closing '}' symbol");
        var labels = new SortedDictionary<string, string>(StringComparer.Ordinal);
        var plain = true;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.GetString()!;
            reader.Read();
            string value;
            if (reader.TokenType == JsonTokenType.String)
            {
                value = reader.GetString()!;
            }
            else
            {
                // Other types become their own JSON text.
                var from = (int)reader.TokenStartIndex;
                reader.Skip();
                value = Encoding.UTF8.GetString(body[from..(int)reader.BytesConsumed]);
            }

            plain &= LabelParser.IsName(name) && !value.Contains('\uFFFD');
            labels[name] = value;
        }

        // Loki prints the labels and parses them again. With plain names that changes nothing; otherwise the parser must
        // have its say, both for its texts and because a name can hold what reads as several labels.
        return plain
            ? [.. labels.Where(label => label.Value.Length > 0)]
            : LabelParser.Parse(LabelText.Print([.. labels]));
    }

    private static List<PushedEntry> ReadValues(ref Utf8JsonReader reader)
    {
        var entries = new List<PushedEntry>();
        if (reader.TokenType == JsonTokenType.Null)
        {
            return entries;
        }

        Expect(ref reader, JsonTokenType.StartArray, "Value is array, but can't find closing ']' symbol");
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType != JsonTokenType.Null)
            {
                entries.Add(ReadEntry(ref reader));
            }
        }

        return entries;
    }

    private static PushedEntry ReadEntry(ref Utf8JsonReader reader)
    {
        Expect(ref reader, JsonTokenType.StartArray, "Value is array, but can't find closing ']' symbol");
        long timestamp = 0;
        var line = "";
        IReadOnlyList<KeyValuePair<string, string>> metadata = NoMetadata;
        for (var at = 0; reader.Read() && reader.TokenType != JsonTokenType.EndArray; at++)
        {
            switch (at)
            {
                case 0:
                    timestamp = ReadTimestamp(ref reader);
                    break;
                case 1:
                    Expect(ref reader, JsonTokenType.String, "Value is string, but can't find closing '\"' symbol");
                    line = reader.GetString()!;
                    break;
                case 2:
                    metadata = ReadMetadata(ref reader);
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }

        return new PushedEntry(timestamp, line, metadata);
    }

    private static long ReadTimestamp(ref Utf8JsonReader reader)
    {
        Expect(ref reader, JsonTokenType.String, "Value is string, but can't find closing '\"' symbol");
        var text = reader.ValueSpan;
        var digits = !text.IsEmpty && text[0] == '-' ? text[1..] : text;
        if (reader.ValueIsEscaped || digits.IsEmpty || digits.IndexOfAnyExceptInRange((byte)'0', (byte)'9') >= 0
            || (digits.Length > 1 && digits[0] == '0'))
        {
            throw new PushRefusal(400, Within + "Value looks like Number/Boolean/None, but can't find its end: ',' or '}' symbol");
        }

        return Utf8Parser.TryParse(text, out long timestamp, out var used) && used == text.Length
            ? timestamp
            : throw new PushRefusal(400, Within + "Value is number, but overflowed while parsing");
    }

    private static List<KeyValuePair<string, string>> ReadMetadata(ref Utf8JsonReader reader)
    {
        Expect(ref reader, JsonTokenType.StartObject, "Value looks like object, but can't find closing '}' symbol");
        var metadata = new List<KeyValuePair<string, string>>();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.GetString()!;
            reader.Read();
            Expect(ref reader, JsonTokenType.String, "Value is string, but can't find closing '\"' symbol");
            metadata.Add(new(name, reader.GetString()!));
        }

        return metadata;
    }

    private static void Expect(ref Utf8JsonReader reader, JsonTokenType type, string fault)
    {
        if (reader.TokenType != type)
        {
            throw new PushRefusal(400, Within + fault);
        }
    }
}
