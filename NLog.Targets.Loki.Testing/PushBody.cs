using System;
using System.Globalization;
using System.IO;
using System.IO.Compression;

namespace NLog.Targets.Loki.Testing;

/// <summary>Undoes what the headers say about a body (pkg/loghttp/push/push.go, parsePushRequestBody).</summary>
internal static class PushBody
{
    /// <summary>Whether the content type means JSON; any other well-formed one means snappy protobuf.</summary>
    public static bool IsJson(string? contentType) => MediaType.Parse(contentType) == "application/json";

    /// <summary>The body without its content encoding, which is compared as one exact string.</summary>
    public static PushContent Open(PushRequest request, long receivedCeiling, long ceiling)
    {
        // Loki reads one byte past the ceiling and no further, so that is the size it tells.
        var cut = request.ReceivedSize > receivedCeiling ? TooLarge("message", receivedCeiling + 1, receivedCeiling) : null;
        var content = (request.ContentEncoding ?? "") switch
        {
            "" or "snappy" => new PushContent(request.Body, null),
            "gzip" => Gzip(request.Body, ceiling),
            "deflate" => Inflate(request.Body, ceiling),
            _ => throw new PushRefusal(400, $"Content-Encoding {LabelText.Quote(request.ContentEncoding!)} not supported"),
        };
        return cut is null ? content : content with { Broken = cut };
    }

    public static PushRefusal TooLarge(string what, long size, long ceiling) => new(
        413,
        string.Create(CultureInfo.InvariantCulture, $"request body too large: {what} size too large than max ({size} vs {ceiling})"));

    // The framework's reader does for one whole member, which is all that clients send; anything else is taken apart by hand.
    private static PushContent Gzip(ReadOnlyMemory<byte> body, long ceiling)
    {
        if (body.Length >= 18 && BitConverter.ToUInt32(body.Span[^4..]) is var length && length <= ceiling)
        {
            try
            {
                using var source = new GZipStream(new BodyStream(body), CompressionMode.Decompress);
                var plain = new byte[Math.Min(length, body.Length * 1100L)];
                if (source.ReadAtLeast(plain, plain.Length, throwOnEndOfStream: false) == length && source.ReadByte() < 0)
                {
                    return new PushContent(plain, null);
                }
            }
            catch (InvalidDataException)
            {
                // Told precisely below.
            }
        }

        return GzipMembers.Read(body, ceiling);
    }

    private static PushContent Inflate(ReadOnlyMemory<byte> body, long ceiling, int piece = int.MaxValue)
    {
        using var plain = new MemoryStream();
        var broken = Inflation.Run(new BodyStream(body, piece), plain, ceiling);

        // The text of such a fault tells the offset, which only shows if the bytes are handed over one by one.
        return broken is { Status: 400 } && piece > 1
            ? Inflate(body, ceiling, piece: 1)
            : new PushContent(plain.GetBuffer().AsMemory(0, (int)plain.Length), broken);
    }
}
