using System;
using System.IO;

namespace NLog.Targets.Loki.Testing;

/// <summary>A body as a stream that knows whether more was asked of it than it holds.</summary>
/// <param name="body">The bytes.</param>
/// <param name="piece">The most that one read gives. A decompressor fed byte by byte takes none that it does not need.</param>
internal sealed class BodyStream(ReadOnlyMemory<byte> body, int piece = int.MaxValue) : Stream
{
    private int _at;

    /// <summary>Whether a reader came to the end and wanted more.</summary>
    public bool IsExhausted { get; private set; }

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => _at;
        set => throw new NotSupportedException();
    }

    public override int Read(Span<byte> buffer)
    {
        var count = Math.Min(Math.Min(buffer.Length, piece), body.Length - _at);
        IsExhausted |= count == 0 && buffer.Length > 0;
        body.Span.Slice(_at, count).CopyTo(buffer);
        _at += count;
        return count;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
