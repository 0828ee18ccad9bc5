using System;

namespace NLog.Targets.Loki.Encoding;

/// <summary>
/// The scratch in which one entry at a time is written: its time, then the line, then structured metadata. Not
/// thread-safe: one hand-over, one encoder.
/// </summary>
internal abstract class EntryEncoder
{
    private const int FirstScratchBytes = 4096;
    private const int MaxKeptScratchBytes = 64 * 1024;

    /// <summary>The entry, valid after <see cref="End"/> until the next one begins.</summary>
    public abstract ReadOnlySpan<byte> Entry { get; }

    protected byte[] Bytes { get; private set; } = PooledBytes.Rent(FirstScratchBytes);

    /// <summary>How much of <see cref="Bytes"/> is written.</summary>
    protected int Length { get; set; }

    public void Begin(long nanoseconds)
    {
        Length = 0;
        if (Bytes.Length > MaxKeptScratchBytes)
            Bytes = PooledBytes.Move(Bytes, 0, FirstScratchBytes);
        WriteTime(nanoseconds);
    }

    /// <summary>Writes the line, at most <paramref name="maxBytes"/> of UTF-8, cut between characters; true when it was cut.</summary>
    public abstract bool Line(ReadOnlySpan<char> line, int maxBytes);

    /// <summary>
    /// Writes one structured metadata value, at most <paramref name="maxBytes"/> of UTF-8; true when it was cut. The name is one of
    /// <see cref="LokiName.Metadata"/>.
    /// </summary>
    public abstract bool Metadata(string name, ReadOnlySpan<char> value, int maxBytes);

    public abstract void End();

    protected abstract void WriteTime(long nanoseconds);

    protected void Put(byte value) => Bytes[Length++] = value;

    protected void Reserve(int count)
    {
        if (Bytes.Length - Length >= count)
            return;
        Bytes = PooledBytes.Move(Bytes, Length, Math.Max(Bytes.Length * 2, Length + count));
    }
}
