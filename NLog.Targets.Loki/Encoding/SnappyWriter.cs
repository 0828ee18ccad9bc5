using System;
using System.Buffers;
using System.Buffers.Binary;
using System.IO;

namespace NLog.Targets.Loki.Encoding;

/// <summary>
/// Writes a snappy block (google/snappy, format_description.txt): its length, then fragments, each of which
/// refers to nothing outside of itself.
/// </summary>
internal sealed class SnappyWriter : OneWayStream
{
    /// <summary>Every distance within it has sixteen bits, and the array stays off the large object heap.</summary>
    public const int MaxFragmentBytes = 64 * 1024;

    private const int MaxTableBits = 14;
    private const int OutputBytes = 16 * 1024;
    private const int MinMatch = 4;
    private const int MaxElementHead = 3;

    private readonly Stream _target;
    private readonly byte[] _fragment = ArrayPool<byte>.Shared.Rent(MaxFragmentBytes);
    private readonly byte[] _output = ArrayPool<byte>.Shared.Rent(OutputBytes);

    // Where in the fragment four bytes of this hash were last seen.
    private readonly ushort[] _table = ArrayPool<ushort>.Shared.Rent(1 << MaxTableBits);
    private int _used;
    private int _filled;
    private bool _isDisposed;

    /// <param name="target">Stays open.</param>
    /// <param name="length">Of everything that will be written; the block begins with it.</param>
    public SnappyWriter(Stream target, long length)
    {
        _target = target;
        _filled = Varint.Write(_output, 0, (ulong)length);
    }

    public override bool CanWrite => true;

    public override void Write(byte[] buffer, int offset, int count)
    {
        while (count > 0)
        {
            var take = Math.Min(count, MaxFragmentBytes - _used);
            Buffer.BlockCopy(buffer, offset, _fragment, _used, take);
            _used += take;
            offset += take;
            count -= take;
            if (_used == MaxFragmentBytes)
                Compress();
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (!_isDisposed && disposing)
        {
            _isDisposed = true;
            Compress();
            WriteOutput();
            ArrayPool<byte>.Shared.Return(_fragment);
            ArrayPool<byte>.Shared.Return(_output);
            ArrayPool<ushort>.Shared.Return(_table);
        }

        base.Dispose(disposing);
    }

    private void Compress()
    {
        var fragment = new ReadOnlySpan<byte>(_fragment, 0, _used);
        _used = 0;
        // A small fragment has a small table: clearing it would be most of the work.
        var bits = 8;
        while (bits < MaxTableBits && 1 << bits < fragment.Length)
            bits++;
        var table = new Span<ushort>(_table, 0, 1 << bits);
        table.Clear();
        var written = 0;
        // The first bytes are found through the zeros of the table.
        var at = 1;
        while (FindMatch(fragment, table, 32 - bits, ref at, out var earlier))
        {
            Literal(fragment.Slice(written, at - written));
            var length = MinMatch + CommonLength(fragment.Slice(earlier + MinMatch), fragment.Slice(at + MinMatch));
            Copy(at - earlier, length);
            at += length;
            written = at;
            if (at <= fragment.Length - MinMatch)
                table[Hash(Four(fragment, at - 1), 32 - bits)] = (ushort)(at - 1);
        }

        Literal(fragment.Slice(written));
    }

    /// <summary>Moves <paramref name="at"/> on to the next four bytes that were there earlier; false when there are none.</summary>
    private static bool FindMatch(ReadOnlySpan<byte> fragment, Span<ushort> table, int shift, ref int at, out int earlier)
    {
        // The longer nothing is found, the larger the steps: what cannot be compressed costs little time.
        for (var tries = 32; at <= fragment.Length - MinMatch; at += tries++ >> 5)
        {
            var four = Four(fragment, at);
            ref var seen = ref table[Hash(four, shift)];
            earlier = seen;
            seen = (ushort)at;
            if (four == Four(fragment, earlier))
                return true;
        }

        earlier = 0;
        return false;
    }

    private static uint Four(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt32LittleEndian(bytes.Slice(at));

    private static int Hash(uint four, int shift) => (int)((four * 0x1E35A7BD) >> shift);

    private static int CommonLength(ReadOnlySpan<byte> earlier, ReadOnlySpan<byte> later)
    {
#if NET
        return later.CommonPrefixLength(earlier);
#else
        var length = 0;
        while (length < later.Length && later[length] == earlier[length])
            length++;
        return length;
#endif
    }

    private void Literal(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty)
            return;
        MakeRoom();
        var most = bytes.Length - 1;
        if (most < 60)
        {
            Put(most << 2);
        }
        else if (most < 256)
        {
            Put(60 << 2);
            Put(most);
        }
        else
        {
            Put(61 << 2);
            Put(most);
            Put(most >> 8);
        }

        while (!bytes.IsEmpty)
        {
            if (_filled == OutputBytes)
                WriteOutput();
            var take = Math.Min(bytes.Length, OutputBytes - _filled);
            bytes.Slice(0, take).CopyTo(_output.AsSpan(_filled));
            _filled += take;
            bytes = bytes.Slice(take);
        }
    }

    private void Copy(int distance, int length)
    {
        // At least four bytes are left after each piece, as the short form has no lesser length.
        while (length >= 64 + MinMatch)
        {
            LongCopy(distance, 64);
            length -= 64;
        }

        if (length > 64)
        {
            LongCopy(distance, 60);
            length -= 60;
        }

        if (length >= 12 || distance >= 2048)
        {
            LongCopy(distance, length);
            return;
        }

        MakeRoom();
        Put(((distance >> 8) << 5) | ((length - 4) << 2) | 1);
        Put(distance);
    }

    private void LongCopy(int distance, int length)
    {
        MakeRoom();
        Put(((length - 1) << 2) | 2);
        Put(distance);
        Put(distance >> 8);
    }

    private void Put(int value) => _output[_filled++] = unchecked((byte)value);

    private void MakeRoom()
    {
        if (OutputBytes - _filled < MaxElementHead)
            WriteOutput();
    }

    private void WriteOutput()
    {
        _target.Write(_output, 0, _filled);
        _filled = 0;
    }
}
