using System;
using System.Globalization;
using System.IO;
using System.IO.Compression;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace NLog.Targets.Loki.Tests.TestServer;

/// <summary>Makes the bytes of a recorded step: fills the template and applies the codecs.</summary>
internal static partial class RecordedBody
{
    public static byte[] Of(JsonElement step, long start, long now)
    {
        var bytes = System.Text.Encoding.UTF8.GetBytes(Fill(step.GetProperty("body").GetString()!, start, now));
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

    private static byte[] Encode(string codec, byte[] plain)
    {
        using var result = new MemoryStream();
        if (codec == "snappy")
        {
            // The block format with one literal: length as a varint, tag for a length in two bytes, the bytes.
            for (var length = plain.Length; ; length >>= 7)
            {
                result.WriteByte((byte)(length > 0x7f ? (length & 0x7f) | 0x80 : length));
                if (length <= 0x7f)
                {
                    break;
                }
            }

            result.Write([61 << 2, (byte)(plain.Length - 1), (byte)((plain.Length - 1) >> 8), .. plain]);
            return result.ToArray();
        }

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
