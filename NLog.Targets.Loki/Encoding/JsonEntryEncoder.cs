using System;
using System.Buffers.Text;
#if NET
using System.Buffers;
using System.Linq;
#endif

namespace NLog.Targets.Loki.Encoding;

/// <summary>Owns one entry while it becomes <c>["nanoseconds","line",{metadata}]</c>.</summary>
internal sealed class JsonEntryEncoder : EntryEncoder
{
#if NET
    private static readonly SearchValues<char> s_plain = SearchValues.Create(
        Enumerable.Range(0x20, 0x60).Select(c => (char)c).Where(c => c is not ('"' or '\\')).ToArray());

#endif
    private const int LongRun = 16;

    private bool _hasMetadata;

    public override ReadOnlySpan<byte> Entry => new(Bytes, 0, Length);

    public override bool Line(ReadOnlySpan<char> line, int maxBytes) => Text(line, maxBytes);

    public override bool Metadata(string name, ReadOnlySpan<char> value, int maxBytes)
    {
        Reserve(name.Length + 5);
        Put((byte)',');
        if (!_hasMetadata)
        {
            Put((byte)'{');
            _hasMetadata = true;
        }

        Put((byte)'"');
        // Letters, digits and underscores: nothing to escape.
        foreach (var c in name)
            Put((byte)c);
        Put((byte)'"');
        Put((byte)':');
        return Text(value, maxBytes);
    }

    public override void End()
    {
        Reserve(2);
        if (_hasMetadata)
            Put((byte)'}');
        Put((byte)']');
    }

    protected override void WriteTime(long nanoseconds)
    {
        _hasMetadata = false;
        Reserve(32);
        Put((byte)'[');
        Put((byte)'"');
        Utf8Formatter.TryFormat(nanoseconds, Bytes.AsSpan(Length), out var digits);
        Length += digits;
        Put((byte)'"');
        Put((byte)',');
    }

    private bool Text(ReadOnlySpan<char> text, int maxBytes)
    {
        var fitting = Utf8Text.Fit(text, maxBytes);
        var cut = fitting < text.Length;
        text = text.Slice(0, fitting);
        // Worst case: a control character takes six bytes.
        Reserve(checked(text.Length * 6 + 2));
        var bytes = Bytes;
        var at = Length;
        bytes[at++] = (byte)'"';
        var run = 0;
        for (var i = 0; i < text.Length; i++)
        {
            int c = text[i];
            if (c < 0x80 && c >= 0x20 && c != '"' && c != '\\')
            {
                bytes[at++] = (byte)c;
                // Setting out costs more than a few characters do, and a line of JSON consists of short runs.
                if (++run == LongRun)
                {
                    i += WritePlain(text.Slice(i + 1), bytes, ref at);
                    run = 0;
                }

                continue;
            }

            run = 0;
            at = c >= 0x80 ? Utf8Text.WriteCharacter(text, ref i, bytes, at) : Escape(bytes, at, c);
        }

        bytes[at++] = (byte)'"';
        Length = at;
        return cut;
    }

    // Writes the characters up to the first that needs more than a byte of its own, all at once where the framework can.
    private static int WritePlain(ReadOnlySpan<char> text, byte[] bytes, ref int at)
    {
#if NET
        var length = text.IndexOfAnyExcept(s_plain);
        if (length < 0)
            length = text.Length;
        System.Text.Ascii.FromUtf16(text.Slice(0, length), bytes.AsSpan(at), out _);
        at += length;
        return length;
#else
        return 0;
#endif
    }

    private static int Escape(byte[] bytes, int at, int c)
    {
        bytes[at++] = (byte)'\\';
        switch (c)
        {
            case '"':
            case '\\':
                bytes[at++] = (byte)c;
                break;
            case '\n':
                bytes[at++] = (byte)'n';
                break;
            case '\r':
                bytes[at++] = (byte)'r';
                break;
            case '\t':
                bytes[at++] = (byte)'t';
                break;
            default:
                bytes[at++] = (byte)'u';
                bytes[at++] = (byte)'0';
                bytes[at++] = (byte)'0';
                bytes[at++] = (byte)(c < 0x10 ? '0' : '1');
                bytes[at++] = (byte)"0123456789abcdef"[c & 0xF];
                break;
        }

        return at;
    }
}
