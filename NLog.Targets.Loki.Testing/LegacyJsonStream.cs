using System;
using System.Collections.Generic;
using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace NLog.Targets.Loki.Testing;

/// <summary>
/// A stream as <c>/api/prom/push</c> takes it (pkg/push/types.go with jsoniter): keys regardless of case, labels in writing,
/// null for anything.
/// </summary>
internal static partial class LegacyJsonStream
{
    public static PushedStream Read(ref Utf8JsonReader reader, ReadOnlySpan<byte> body)
    {
        var labels = "";
        var entries = new List<PushedEntry>();
        if (reader.TokenType != JsonTokenType.Null)
        {
            JsonPushDecoder.Expect(ref reader, JsonTokenType.StartObject, "expect { or n");
            while (JsonPushDecoder.TryName(ref reader, out var name, lenient: true))
            {
                switch (name.ToUpperInvariant())
                {
                    case "LABELS":
                        labels = Text(ref reader) ?? labels;
                        break;
                    case "ENTRIES":
                        entries = Entries(ref reader);
                        break;
                    default:
                        JsonPushDecoder.Skip(ref reader);
                        break;
                }
            }
        }

        return new PushedStream(labels, entries);
    }

    [GeneratedRegex(@"^(?<second>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:[.,](?<fraction>\d+))?(?<zone>Z|[+-]\d\d:\d\d)$")]
    private static partial Regex Rfc3339();

    private static string? Text(ref Utf8JsonReader reader)
    {
        if (reader.TokenType == JsonTokenType.Null)
        {
            return null;
        }

        JsonPushDecoder.Expect(ref reader, JsonTokenType.String, "ReadString: expects \" or n");
        return JsonText.Read(ref reader, lenient: true);
    }

    private static List<PushedEntry> Entries(ref Utf8JsonReader reader)
    {
        var entries = new List<PushedEntry>();
        if (reader.TokenType != JsonTokenType.Null)
        {
            JsonPushDecoder.Expect(ref reader, JsonTokenType.StartArray, "expect [ or n");
            while (JsonPushDecoder.NextItem(ref reader))
            {
                entries.Add(Entry(ref reader));
            }
        }

        return entries;
    }

    private static PushedEntry Entry(ref Utf8JsonReader reader)
    {
        var (seconds, nanos) = (NanosecondTime.YearOne, 0);
        var line = "";
        var metadata = new List<KeyValuePair<string, string>>();
        if (reader.TokenType != JsonTokenType.Null)
        {
            JsonPushDecoder.Expect(ref reader, JsonTokenType.StartObject, "expect { or n");
            while (JsonPushDecoder.TryName(ref reader, out var name, lenient: true))
            {
                switch (name.ToUpperInvariant())
                {
                    case "TS":
                        (seconds, nanos) = Text(ref reader) is { } time ? Parse(time) : (seconds, nanos);
                        break;
                    case "LINE":
                        line = Text(ref reader) ?? line;
                        break;
                    case "STRUCTUREDMETADATA":
                        metadata = Metadata(ref reader);
                        break;
                    default:
                        JsonPushDecoder.Skip(ref reader);
                        break;
                }
            }
        }

        return new PushedEntry(NanosecondTime.Wrapped(seconds, nanos), seconds, line, metadata);
    }

    private static List<KeyValuePair<string, string>> Metadata(ref Utf8JsonReader reader)
    {
        var metadata = new SortedDictionary<string, string>(StringComparer.Ordinal);
        if (reader.TokenType != JsonTokenType.Null)
        {
            JsonPushDecoder.Expect(ref reader, JsonTokenType.StartObject, "expect { or n");
            while (JsonPushDecoder.TryName(ref reader, out var name, lenient: true))
            {
                metadata[name] = Text(ref reader) ?? "";
            }
        }

        return [.. metadata];
    }

    private static (long Seconds, int Nanos) Parse(string text)
    {
        var match = Rfc3339().Match(text);
        if (!match.Success || !DateTimeOffset.TryParseExact(
            match.Groups["second"].Value + match.Groups["zone"].Value, "yyyy-MM-dd'T'HH:mm:ssK", CultureInfo.InvariantCulture, DateTimeStyles.None, out var time))
        {
            throw new PushRefusal(400, $"logproto.PushRequest.Streams: []logproto.Stream: parsing time {LabelText.Quote(text)} as \"2006-01-02T15:04:05Z07:00\": cannot parse");
        }

        var fraction = match.Groups["fraction"].Value.PadRight(9, '0')[..9];
        return (time.ToUnixTimeSeconds(), int.Parse(fraction, CultureInfo.InvariantCulture));
    }
}
