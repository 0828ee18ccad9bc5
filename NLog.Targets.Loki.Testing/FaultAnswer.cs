using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.IO.Compression;
using System.Linq;
using System.Text;
using Microsoft.AspNetCore.WebUtilities;

namespace NLog.Targets.Loki.Testing;

/// <summary>The bytes of a fault's answer, made as they are sent: a body can be endless.</summary>
internal sealed class FaultAnswer(LokiFault fault, StreamRefusal own)
{
    private const int PieceLength = 64 * 1024;
    private const int MemberLength = 1024 * 1024;

    public IEnumerable<ReadOnlyMemory<byte>> Pieces()
    {
        if (fault.Raw is not null)
        {
            yield return Encoding.Latin1.GetBytes(fault.Raw);
            yield break;
        }

        var text = Encoding.UTF8.GetBytes(fault.Status is null && own.Text.Length > 0 ? own.Text + "\n" : fault.Body);
        var isEndless = fault.BodyLength == LokiFault.Endless;
        var length = fault.BodyLength ?? text.Length;
        var unit = text.Length == 0 ? "x"u8.ToArray() : text;

        // Members of a gzip body may follow each other (RFC 1952, 2.2), so that even a terabyte costs the compression of one.
        var whole = Repeat(unit, fault.Gzip ? MemberLength : PieceLength);
        var last = whole[..(int)(length % whole.Length)];
        var times = length / whole.Length;
        if (fault.Gzip)
        {
            whole = Compress(whole);
            last = last.Length > 0 || length == 0 ? Compress(last) : last;
        }

        yield return Head(isEndless ? null : (times * whole.Length) + last.Length);
        if (isEndless && !Has("Content-Length"))
        {
            whole = [.. Encoding.ASCII.GetBytes(whole.Length.ToString("x", CultureInfo.InvariantCulture) + "\r\n"), .. whole, .. "\r\n"u8];
        }

        for (; times > 0; times -= isEndless ? 0 : 1)
        {
            yield return whole;
        }

        yield return last;
    }

    private static byte[] Repeat(byte[] unit, int atLeast)
    {
        var times = Math.Max(1, (atLeast + unit.Length - 1) / unit.Length);
        var all = new byte[times * unit.Length];
        for (var at = 0; at < all.Length; at += unit.Length)
        {
            unit.CopyTo(all, at);
        }

        return all;
    }

    private static byte[] Compress(byte[] plain)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.SmallestSize, leaveOpen: true))
        {
            gzip.Write(plain);
        }

        return packed.ToArray();
    }

    private byte[] Head(long? length)
    {
        var status = fault.Status ?? own.Status;
        var head = new StringBuilder();
        head.Append(CultureInfo.InvariantCulture, $"HTTP/1.1 {status} {ReasonPhrases.GetReasonPhrase(status)}\r\n");
        foreach (var (name, value) in fault.Headers)
        {
            head.Append(CultureInfo.InvariantCulture, $"{name}: {value}\r\n");
        }

        if (length != 0)
        {
            Add("Content-Type", "text/plain; charset=utf-8");
        }

        if (fault.Gzip)
        {
            Add("Content-Encoding", "gzip");
        }

        if (length is null && !Has("Content-Length"))
        {
            Add("Transfer-Encoding", "chunked");
        }
        else if (length is not null && !Has("Transfer-Encoding") && (length > 0 || status is not (204 or 304 or < 200)))
        {
            Add("Content-Length", length.Value.ToString(CultureInfo.InvariantCulture));
        }

        head.Append("\r\n");
        return Encoding.Latin1.GetBytes(head.ToString());

        void Add(string name, string value)
        {
            if (!Has(name))
            {
                head.Append(CultureInfo.InvariantCulture, $"{name}: {value}\r\n");
            }
        }
    }

    private bool Has(string name) => fault.Headers.Any(header => header.Name.Equals(name, StringComparison.OrdinalIgnoreCase));
}
