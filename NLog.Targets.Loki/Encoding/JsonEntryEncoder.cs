using System;
using System.Buffers.Text;

namespace NLog.Targets.Loki.Encoding;

/// <summary>Writes one entry as <c>["nanoseconds","line",{metadata}]</c>.</summary>
internal sealed class JsonEntryEncoder : EntryEncoder
{
    // Escapes make text up to six times as long, which a long line must not take at once.
    private const int ChunkChars = 1024;

    private readonly byte[] _utf8 = new byte[ChunkChars * Utf8Text.MaxBytesPerChar + JsonEscape.BlockBytes];
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
        Reserve(1);
        Put((byte)'"');
        for (var rest = text.Slice(0, fitting); rest.Length > 0;)
        {
            var chars = Math.Min(rest.Length, ChunkChars);
            // Each half of a pair alone would become U+FFFD.
            if (chars < rest.Length && char.IsHighSurrogate(rest[chars - 1]))
                chars--;
            var bytes = Utf8Text.Write(rest.Slice(0, chars), _utf8, 0);
            Reserve(chars * JsonEscape.MaxBytesPerChar + JsonEscape.BlockBytes);
            Length = JsonEscape.Write(_utf8, bytes, Bytes, Length);
            rest = rest.Slice(chars);
        }

        Reserve(1);
        Put((byte)'"');
        return cut;
    }
}
