using System;
using System.Globalization;
using System.IO;
using System.IO.Compression;

namespace NLog.Targets.Loki.Testing;

/// <summary>Undoes what the headers say about a body (pkg/loghttp/push/push.go, ParseLokiRequest).</summary>
internal static class PushBody
{
    /// <summary>Whether the content type means JSON; any other well-formed one means snappy protobuf.</summary>
    public static bool IsJson(string? contentType)
    {
        var parts = (contentType ?? "").Split(';');
        var media = parts[0].Trim();
        if (media.Length == 0)
        {
            throw new PushRefusal(400, "mime: no media type");
        }

        for (var i = 1; i < parts.Length; i++)
        {
            var parameter = parts[i].Trim();
            var equal = parameter.IndexOf('=', StringComparison.Ordinal);
            var isLastAndEmpty = parameter.Length == 0 && i == parts.Length - 1;
            if (!isLastAndEmpty && (equal <= 0 || equal == parameter.Length - 1))
            {
                throw new PushRefusal(400, "mime: invalid media parameter");
            }
        }

        return media.Equals("application/json", StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>The body without its content encoding, which is compared as one exact string.</summary>
    public static ReadOnlyMemory<byte> Decompress(ReadOnlyMemory<byte> body, string? encoding, long ceiling)
    {
        switch (encoding ?? "")
        {
            case "" or "snappy":
                return body;
            case "gzip":
                var head = body.Span;
                if (head.IsEmpty)
                {
                    throw new PushRefusal(400, "EOF");
                }

                if (head.Length < 10 || head[0] != 0x1f || head[1] != 0x8b || head[2] != 8)
                {
                    throw new PushRefusal(400, "gzip: invalid header");
                }

                return Inflate(new GZipStream(Open(body), CompressionMode.Decompress), ceiling);
            case "deflate":
                return Inflate(new DeflateStream(Open(body), CompressionMode.Decompress), ceiling);
            default:
                throw new PushRefusal(400, $"Content-Encoding {LabelText.Quote(encoding!)} not supported");
        }
    }

    public static PushRefusal TooLarge(string what, long size, long ceiling) => new(
        413,
        string.Create(CultureInfo.InvariantCulture, $"request body too large: {what} size too large than max ({size} vs {ceiling})"));

    private static MemoryStream Open(ReadOnlyMemory<byte> body) => new(body.ToArray(), writable: false);

    private static ReadOnlyMemory<byte> Inflate(Stream source, long ceiling)
    {
        using var plain = new MemoryStream();
        using (source)
        {
            var piece = new byte[81920];
            try
            {
                for (int read; (read = source.Read(piece)) > 0;)
                {
                    plain.Write(piece, 0, read);
                    if (plain.Length > ceiling)
                    {
                        throw TooLarge("decompressed message", plain.Length, ceiling);
                    }
                }
            }
            catch (InvalidDataException)
            {
                // jsoniter reports a reader that fails at once as the end of the body.
                throw new PushRefusal(400, plain.Length == 0 ? "EOF" : $"flate: corrupt input before offset {plain.Length}");
            }
        }

        return plain.GetBuffer().AsMemory(0, (int)plain.Length);
    }
}
