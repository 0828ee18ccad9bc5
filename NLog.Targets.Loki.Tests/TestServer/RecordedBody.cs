using System;
using System.Globalization;
using System.IO;
using System.IO.Compression;
using System.Text.Json;
using System.Text.RegularExpressions;
using IronSnappy;

namespace NLog.Targets.Loki.Tests.TestServer;

/// <summary>Makes the bytes of a recorded step: fills the template and applies the codecs.</summary>
internal static partial class RecordedBody
{
    public static byte[] Of(JsonElement step, long start, long now)
    {
        var bytes = step.TryGetProperty("protobuf", out var protobuf)
            ? PushMessage(protobuf, start, now)
            : System.Text.Encoding.UTF8.GetBytes(Fill(step.GetProperty("body").GetString()!, start, now));
        if (step.TryGetProperty("encode", out var codecs))
        {
            foreach (var codec in codecs.EnumerateArray())
            {
                bytes = Encode(codec.GetString()!, bytes);
            }
        }

        return bytes;
    }

    [GeneratedRegex(@"\$\{(?:(?<time>now|start)(?:(?<offset>[+-]\d+)(?<unit>ns|s|m|h))?|(?<letter>\w)\*(?<count>\d+))\}")]
    private static partial Regex Placeholder();

    private static string Fill(string template, long start, long now) => Placeholder().Replace(template, match =>
    {
        if (match.Groups["letter"].Success)
        {
            return new string(match.Groups["letter"].Value[0], int.Parse(match.Groups["count"].Value, CultureInfo.InvariantCulture));
        }

        var time = match.Groups["time"].Value == "now" ? now : start;
        if (match.Groups["offset"].Success)
        {
            time += long.Parse(match.Groups["offset"].Value, CultureInfo.InvariantCulture) * match.Groups["unit"].Value switch
            {
                "ns" => 1,
                "s" => 1_000_000_000,
                "m" => 60_000_000_000,
                _ => 3_600_000_000_000,
            };
        }

        return time.ToString(CultureInfo.InvariantCulture);
    });

    private static byte[] PushMessage(JsonElement push, long start, long now)
    {
        var message = new WireMessage();
        foreach (var stream in push.GetProperty("streams").EnumerateArray())
        {
            var streamMessage = new WireMessage().Text(1, Fill(stream.GetProperty("labels").GetString()!, start, now));
            foreach (var entry in stream.GetProperty("entries").EnumerateArray())
            {
                var time = long.Parse(Fill(entry.GetProperty("ts").GetString()!, start, now), CultureInfo.InvariantCulture);
                var entryMessage = new WireMessage()
                    .Message(1, new WireMessage().Number(1, time / 1_000_000_000).Number(2, time % 1_000_000_000))
                    .Text(2, Fill(entry.GetProperty("line").GetString()!, start, now));
                if (entry.TryGetProperty("metadata", out var metadata))
                {
                    foreach (var pair in metadata.EnumerateArray())
                    {
                        entryMessage.Message(3, new WireMessage().Text(1, pair[0].GetString()!).Text(2, pair[1].GetString()!));
                    }
                }

                streamMessage.Message(2, entryMessage);
            }

            message.Message(1, streamMessage);
        }

        return message.ToArray();
    }

    private static byte[] Encode(string codec, byte[] plain)
    {
        if (codec == "snappy")
        {
            return Snappy.Encode(plain);
        }

        using var result = new MemoryStream();
        using (Stream encoder = codec switch
        {
            "gzip" => new GZipStream(result, CompressionLevel.Optimal),
            "deflate" => new DeflateStream(result, CompressionLevel.Optimal),
            "zlib" => new ZLibStream(result, CompressionLevel.Optimal),
            _ => throw new ArgumentOutOfRangeException(nameof(codec), codec, "There is no such codec."),
        })
        {
            encoder.Write(plain);
        }

        return result.ToArray();
    }
}
