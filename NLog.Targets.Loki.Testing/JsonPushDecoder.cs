using System;
using System.Buffers.Text;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.Json;

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

    private static ReadOnlySpan<byte> Blanks => " \t\r\n"u8;

    private delegate PushedStream StreamReader(ref Utf8JsonReader reader, ReadOnlySpan<byte> body);

    public static List<PushedStream> Decode(PushContent content) => Decode(content, ReadStream);

    /// <summary>The form of <c>/api/prom/push</c>, where a stream of the present form has only unknown keys.</summary>
    public static List<PushedStream> DecodeLegacy(PushContent content) => Decode(content, LegacyJsonStream.Read);

    public static void Expect(ref Utf8JsonReader reader, JsonTokenType type, string fault)
    {
        if (reader.TokenType != type)
        {
            throw new PushRefusal(400, Within + fault);
        }
    }

    /// <summary>The next token is a property's name, after which the value is the current token.</summary>
    public static bool TryName(ref Utf8JsonReader reader, out string name, bool lenient = false)
    {
        Next(ref reader);
        name = reader.TokenType == JsonTokenType.PropertyName ? JsonText.Read(ref reader, lenient) : "";
        if (reader.TokenType != JsonTokenType.PropertyName)
        {
            return false;
        }

        Next(ref reader);
        return true;
    }

    public static void Skip(ref Utf8JsonReader reader)
    {
        if (!reader.TrySkip())
        {
            throw new EndOfStreamException();
        }
    }

    public static bool NextItem(ref Utf8JsonReader reader)
    {
        Next(ref reader);
        return reader.TokenType != JsonTokenType.EndArray;
    }

    private static List<PushedStream> Decode(PushContent content, StreamReader read)
    {
        if (content.Bytes.IsEmpty)
        {
            // A reader that fails at once counts as an empty body, whatever its fault; only the size is still looked at.
            throw content.Broken is { Status: 413 } ? content.Broken : new PushRefusal(400, "EOF");
        }

        var body = JsonText.Prepare(content.Bytes.Span);
        try
        {
            var reader = new Utf8JsonReader(body, isFinalBlock: content.Broken is null, new JsonReaderState(ReaderOptions));
            return ReadDocument(ref reader, body, read);
        }
        catch (EndOfStreamException)
        {
            throw content.Broken!;
        }
        catch (JsonException fault)
        {
            throw new PushRefusal(400, Within + fault.Message);
        }
    }

    private static void Next(ref Utf8JsonReader reader)
    {
        if (!reader.Read())
        {
            throw new EndOfStreamException();
        }
    }

    private static List<PushedStream> ReadDocument(ref Utf8JsonReader reader, ReadOnlySpan<byte> body, StreamReader read)
    {
        var streams = new List<PushedStream>();
        Next(ref reader);
        if (reader.TokenType == JsonTokenType.Null)
        {
            return streams;
        }

        if (reader.TokenType != JsonTokenType.StartObject)
        {
            throw new PushRefusal(400, $"readObjectStart: expect {{ or n, but found {(char)body[(int)reader.TokenStartIndex]}");
        }

        // Only up to the closing brace: what follows the document is ignored.
        while (TryName(ref reader, out var name, lenient: true))
        {
            if (!name.Equals("streams", StringComparison.OrdinalIgnoreCase))
            {
                Skip(ref reader);
                continue;
            }

            // A repeated key starts anew.
            streams.Clear();
            if (reader.TokenType != JsonTokenType.Null)
            {
                Expect(ref reader, JsonTokenType.StartArray, "expect [ or n");
                while (NextItem(ref reader))
                {
                    streams.Add(read(ref reader, body));
                }
            }
        }

        return streams;
    }

    private static PushedStream ReadStream(ref Utf8JsonReader reader, ReadOnlySpan<byte> body)
    {
        Expect(ref reader, JsonTokenType.StartObject, "Unknown value type");
        var labels = new SortedDictionary<string, string>(StringComparer.Ordinal);
        List<PushedEntry> entries = [];
        while (TryName(ref reader, out var name))
        {
            if (name == "stream")
            {
                labels = ReadLabels(ref reader, body);
            }
            else if (name == "values")
            {
                entries = reader.TokenType == JsonTokenType.Null ? entries : ReadValues(ref reader);
            }
            else
            {
                Skip(ref reader);
            }
        }

        // Loki prints the labels and parses them again. With plain names that changes nothing; otherwise the parser must
        // have its say, both for its texts and because a name can hold what reads as several labels.
        return labels.All(label => LabelParser.IsName(label.Key) && !label.Value.Contains('\uFFFD'))
            ? new PushedStream([.. labels.Where(label => label.Value.Length > 0)], entries)
            : new PushedStream(LabelText.PrintRawNames([.. labels]), entries);
    }

    private static SortedDictionary<string, string> ReadLabels(ref Utf8JsonReader reader, ReadOnlySpan<byte> body)
    {
        var labels = new SortedDictionary<string, string>(StringComparer.Ordinal);
        if (reader.TokenType == JsonTokenType.String && reader.ValueSpan.TrimStart(Blanks) is [(byte)'{', .. var inside] && inside.TrimStart(Blanks) is [(byte)'}', ..])
        {
            // Loki's reader looks at what is between the quotes, and no further than the closing brace.
            return labels;
        }

        Expect(ref reader, JsonTokenType.StartObject, "Value looks like object, but can't find closing '}' symbol");
        while (TryName(ref reader, out var name))
        {
            // Loki undoes escapes of a name twice, and also those inside other types, which become their own JSON text.
            name = GoText.Of(JsonText.Unescape(GoText.Bytes(name)));
            if (reader.TokenType == JsonTokenType.String)
            {
                labels[name] = JsonText.Read(ref reader);
                continue;
            }

            var from = (int)reader.TokenStartIndex;
            Skip(ref reader);
            labels[name] = GoText.Of(JsonText.Unescape(body[from..(int)reader.BytesConsumed]));
        }

        return labels;
    }

    private static List<PushedEntry> ReadValues(ref Utf8JsonReader reader)
    {
        var entries = new List<PushedEntry>();
        Expect(ref reader, JsonTokenType.StartArray, "Value is array, but can't find closing ']' symbol");
        while (NextItem(ref reader))
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
        var (seconds, timestamp) = (NanosecondTime.YearOne, NanosecondTime.Wrapped(NanosecondTime.YearOne, 0));
        var line = "";
        IReadOnlyList<KeyValuePair<string, string>> metadata = NoMetadata;
        for (var at = 0; NextItem(ref reader); at++)
        {
            switch (at)
            {
                case 0:
                    timestamp = ReadTimestamp(ref reader);
                    seconds = NanosecondTime.FloorSeconds(timestamp);
                    break;
                case 1:
                    line = ReadText(ref reader);
                    break;
                case 2:
                    metadata = ReadMetadata(ref reader);
                    break;
                default:
                    Skip(ref reader);
                    break;
            }
        }

        return new PushedEntry(timestamp, seconds, line, metadata);
    }

    private static string ReadText(ref Utf8JsonReader reader)
    {
        Expect(ref reader, JsonTokenType.String, "Value is string, but can't find closing '\"' symbol");
        return JsonText.Read(ref reader);
    }

    private static long ReadTimestamp(ref Utf8JsonReader reader)
    {
        Expect(ref reader, JsonTokenType.String, "Value is string, but can't find closing '\"' symbol");
        var text = reader.ValueSpan;
        var digits = !text.IsEmpty && text[0] == '-' ? text[1..] : text;
        if (reader.ValueIsEscaped || text.IsEmpty || digits.IndexOfAnyExceptInRange((byte)'0', (byte)'9') >= 0
            || (digits.Length > 1 && digits[0] == '0'))
        {
            throw new PushRefusal(400, Within + "Value looks like Number/Boolean/None, but can't find its end: ',' or '}' symbol");
        }

        // A lone minus sign is zero to Loki's parser.
        return digits.IsEmpty ? 0
            : Utf8Parser.TryParse(text, out long timestamp, out var used) && used == text.Length ? timestamp
            : throw new PushRefusal(400, Within + "Value is number, but overflowed while parsing");
    }

    private static List<KeyValuePair<string, string>> ReadMetadata(ref Utf8JsonReader reader)
    {
        Expect(ref reader, JsonTokenType.StartObject, "Value looks like object, but can't find closing '}' symbol");
        var metadata = new List<KeyValuePair<string, string>>();
        while (TryName(ref reader, out var name))
        {
            metadata.Add(new(name, ReadText(ref reader)));
        }

        return metadata;
    }
}
