using System;

namespace NLog.Targets.Loki.Encoding;

/// <summary>
/// Owns the scratch in which one entry at a time becomes <c>["nanoseconds","line",{metadata}]</c>. Not thread-safe: one
/// hand-over, one encoder.
/// </summary>
internal sealed class JsonEntryEncoder
{
    private const int MaxKeptScratchBytes = 64 * 1024;

    private byte[] _bytes = new byte[4096];
    private int _length;
    private bool _hasMetadata;

    public ReadOnlySpan<byte> Entry => new(_bytes, 0, _length);

    public void Begin(long nanoseconds)
    {
        if (_bytes.Length > MaxKeptScratchBytes)
            _bytes = new byte[4096];
        _length = 0;
        _hasMetadata = false;
        Reserve(32);
        Put('[');
        Put('"');
        PutNumber(nanoseconds);
        Put('"');
        Put(',');
    }

    /// <summary>Writes the line, at most <paramref name="maxBytes"/> of UTF-8, cut between characters; true when it was cut.</summary>
    public bool Line(ReadOnlySpan<char> line, int maxBytes) => Text(line, maxBytes);

    /// <summary>Writes one structured metadata value, at most <paramref name="maxBytes"/> of UTF-8; true when it was cut.</summary>
    public bool Metadata(string name, ReadOnlySpan<char> value, int maxBytes)
    {
        Reserve(2);
        Put(',');
        if (!_hasMetadata)
        {
            Put('{');
            _hasMetadata = true;
        }

        Text(name.AsSpan(), int.MaxValue);
        Reserve(1);
        Put(':');
        return Text(value, maxBytes);
    }

    public void End()
    {
        Reserve(2);
        if (_hasMetadata)
            Put('}');
        Put(']');
    }

    /// <summary>The entry, which this class wrote, without its metadata; it is changed in place.</summary>
    public static ReadOnlySpan<byte> DropMetadata(Span<byte> entry)
    {
        // The first string is the time, which needs no escapes; the second one is the line.
        var at = entry.IndexOf((byte)',') + 2;
        while (entry[at] != (byte)'"')
            at += entry[at] == (byte)'\\' ? 2 : 1;
        entry[at + 1] = (byte)']';
        return entry.Slice(0, at + 2);
    }

    private bool Text(ReadOnlySpan<char> text, int maxBytes)
    {
        var whole = text.Length;
        if (whole > maxBytes)
            text = text.Slice(0, maxBytes);
        // Worst case: a control character takes six bytes.
        Reserve(checked(text.Length * 6 + 2));
        var bytes = _bytes;
        var at = _length;
        bytes[at++] = (byte)'"';
        var budget = maxBytes;
        var i = 0;
        for (; i < text.Length; i++)
        {
            int c = text[i];
            if (c < 0x80)
            {
                if (--budget < 0)
                    break;
                if (c >= 0x20 && c != '"' && c != '\\')
                    bytes[at++] = (byte)c;
                else
                    at = Escape(bytes, at, c);
            }
            else if (c < 0x800)
            {
                if ((budget -= 2) < 0)
                    break;
                bytes[at++] = (byte)(0xC0 | (c >> 6));
                bytes[at++] = (byte)(0x80 | (c & 0x3F));
            }
            else if (char.IsHighSurrogate((char)c) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]))
            {
                if ((budget -= 4) < 0)
                    break;
                var point = char.ConvertToUtf32((char)c, text[++i]);
                bytes[at++] = (byte)(0xF0 | (point >> 18));
                bytes[at++] = (byte)(0x80 | ((point >> 12) & 0x3F));
                bytes[at++] = (byte)(0x80 | ((point >> 6) & 0x3F));
                bytes[at++] = (byte)(0x80 | (point & 0x3F));
            }
            else
            {
                if ((budget -= 3) < 0)
                    break;
                // A lone surrogate has no UTF-8 form, and Loki answers 400 to its escape: U+FFFD stands for it.
                if (char.IsSurrogate((char)c))
                    c = 0xFFFD;
                bytes[at++] = (byte)(0xE0 | (c >> 12));
                bytes[at++] = (byte)(0x80 | ((c >> 6) & 0x3F));
                bytes[at++] = (byte)(0x80 | (c & 0x3F));
            }
        }

        bytes[at++] = (byte)'"';
        _length = at;
        return i < whole;
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

    private void PutNumber(long value)
    {
        if (value < 0)
        {
            Put('-');
            value = -value;
        }

        var digits = 1;
        for (var rest = value; rest >= 10; rest /= 10)
            digits++;
        for (var at = _length + digits - 1; at >= _length; at--)
        {
            _bytes[at] = (byte)('0' + (value % 10));
            value /= 10;
        }

        _length += digits;
    }

    private void Put(char c) => _bytes[_length++] = (byte)c;

    private void Reserve(int count)
    {
        if (_bytes.Length - _length < count)
            Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, _length + count));
    }
}
