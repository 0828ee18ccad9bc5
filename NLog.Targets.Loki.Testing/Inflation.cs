using System.IO;
using System.IO.Compression;

namespace NLog.Targets.Loki.Testing;

/// <summary>Raw deflate with the faults of Go's compress/flate.</summary>
internal static class Inflation
{
    /// <summary>Writes what comes out, even of a broken stream; the ceiling is that of <paramref name="plain"/> as a whole.</summary>
    public static PushRefusal? Run(BodyStream source, MemoryStream plain, long ceiling)
    {
        using var inflater = new DeflateStream(source, CompressionMode.Decompress, leaveOpen: true);
        var piece = new byte[81920];
        try
        {
            for (int read; (read = inflater.Read(piece)) > 0;)
            {
                plain.Write(piece, 0, (int)System.Math.Min(read, ceiling - plain.Length + 1));
                if (plain.Length > ceiling)
                {
                    plain.SetLength(ceiling);
                    return PushBody.TooLarge("decompressed message", ceiling + 1, ceiling);
                }
            }
        }
        catch (InvalidDataException)
        {
            // Newer runtimes throw at a cut-off stream too.
            return source.IsExhausted ? Ended() : new PushRefusal(400, $"flate: corrupt input before offset {source.Position}");
        }

        return source.IsExhausted ? Ended() : null;
    }

    private static PushRefusal Ended() => new(400, "unexpected EOF");
}
