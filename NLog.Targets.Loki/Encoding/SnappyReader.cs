using System;
using System.Buffers;
using System.IO;

namespace NLog.Targets.Loki.Encoding;

/// <summary>
/// Reads a block that <see cref="SnappyWriter"/> wrote, fragment by fragment. It trusts that: other writers know
/// longer distances.
/// </summary>
internal sealed class SnappyReader : OneWayStream
{
    private readonly Stream _source;
    private readonly byte[] _fragment = ArrayPool<byte>.Shared.Rent(SnappyWriter.MaxFragmentBytes);
    private int _filled;
    private int _read;
    private bool _isDisposed;

    public SnappyReader(Stream source)
    {
        _source = source;
        // The length of the whole, which the end of the source tells as well.
        while (Next() > 0x7F)
        {
        }
    }

    public override bool CanRead => true;

    public override int Read(byte[] buffer, int offset, int count)
    {
        if (_read == _filled)
            ReadFragment();
        var take = Math.Min(count, _filled - _read);
        Buffer.BlockCopy(_fragment, _read, buffer, offset, take);
        _read += take;
        return take;
    }

    protected override void Dispose(bool disposing)
    {
        if (!_isDisposed && disposing)
        {
            _isDisposed = true;
            ArrayPool<byte>.Shared.Return(_fragment);
        }

        base.Dispose(disposing);
    }

    private void ReadFragment()
    {
        _read = 0;
        _filled = 0;
        int tag;
        while (_filled < SnappyWriter.MaxFragmentBytes && (tag = _source.ReadByte()) >= 0)
        {
            var size = tag >> 2;
            switch (tag & 3)
            {
                case 0:
                    ReadLiteral(1 + (size < 60 ? size : size == 60 ? Next() : Next() | (Next() << 8)));
                    break;
                case 1:
                    Copy(((tag >> 5) << 8) | Next(), 4 + (size & 7));
                    break;
                default:
                    Copy(Next() | (Next() << 8), 1 + size);
                    break;
            }
        }
    }

    private void ReadLiteral(int length)
    {
        while (length > 0)
        {
            var read = _source.Read(_fragment, _filled, length);
            if (read == 0)
                throw new EndOfStreamException();
            _filled += read;
            length -= read;
        }
    }

    // Byte by byte: a distance below the length repeats what is being written.
    private void Copy(int distance, int length)
    {
        for (; length > 0; length--, _filled++)
            _fragment[_filled] = _fragment[_filled - distance];
    }

    private int Next()
    {
        var value = _source.ReadByte();
        return value >= 0 ? value : throw new EndOfStreamException();
    }
}
