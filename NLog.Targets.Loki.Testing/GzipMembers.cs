using System;
using System.Buffers.Binary;
using System.IO;

namespace NLog.Targets.Loki.Testing;

/// <summary>Gzip bodies out of the ordinary: cut off, with several members or with something behind them (Go's compress/gzip).</summary>
internal static class GzipMembers
{
    private const int TrailerLength = 8;

    public static PushContent Read(ReadOnlyMemory<byte> body, long ceiling)
    {
        // Before anything was read, a fault of the header refuses the push whatever the body is.
        var at = HeaderLength(body.Span, out var fault);
        if (fault is not null)
        {
            throw fault;
        }

        using var plain = new MemoryStream();
        do
        {
            var start = (int)plain.Length;
            var source = new BodyStream(body[at..], piece: 1);
            fault = Inflation.Run(source, plain, ceiling);
            at += (int)source.Position;
            fault ??= Trailer(body.Span[at..], plain.GetBuffer().AsSpan(start, (int)plain.Length - start));
            at += TrailerLength;
            if (fault is null && at < body.Length)
            {
                at += HeaderLength(body.Span[at..], out fault);
            }
        }
        while (fault is null && at < body.Length);

        return new PushContent(plain.GetBuffer().AsMemory(0, (int)plain.Length), fault);
    }

    private static PushRefusal Ended() => new(400, "unexpected EOF");

    private static PushRefusal? Trailer(ReadOnlySpan<byte> rest, ReadOnlySpan<byte> plain) =>
        rest.Length < TrailerLength ? Ended()
        : BinaryPrimitives.ReadUInt32LittleEndian(rest[4..]) != (uint)plain.Length || BinaryPrimitives.ReadUInt32LittleEndian(rest) != Crc(plain)
            ? new PushRefusal(400, "gzip: invalid checksum")
            : null;

    private static int HeaderLength(ReadOnlySpan<byte> body, out PushRefusal? fault)
    {
        fault = body.Length == 0 ? new PushRefusal(400, "EOF")
            : body.Length < 10 ? Ended()
            : body[0] != 0x1f || body[1] != 0x8b || body[2] != 8 ? new PushRefusal(400, "gzip: invalid header")
            : null;
        if (fault is not null)
        {
            return 0;
        }

        var flags = body[3];
        var at = 10;
        if ((flags & 4) != 0)
        {
            at += at + 2 <= body.Length ? 2 + BinaryPrimitives.ReadUInt16LittleEndian(body[at..]) : body.Length;
        }

        // Name and comment, each up to a zero byte.
        foreach (var flag in (ReadOnlySpan<int>)[8, 16])
        {
            if ((flags & flag) != 0)
            {
                var end = at < body.Length ? body[at..].IndexOf((byte)0) : -1;
                at = end < 0 ? int.MaxValue - TrailerLength : at + end + 1;
            }
        }

        at += (flags & 2) != 0 ? 2 : 0;
        fault = at > body.Length ? Ended() : null;
        return at;
    }

    private static uint Crc(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        foreach (var next in bytes)
        {
            crc ^= next;
            for (var bit = 0; bit < 8; bit++)
            {
                crc = (crc >> 1) ^ ((crc & 1) * 0xEDB88320);
            }
        }

        return ~crc;
    }
}
