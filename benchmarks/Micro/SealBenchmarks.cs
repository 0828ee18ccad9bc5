using System;
using System.Collections.Generic;
using System.IO.Compression;
using BenchmarkDotNet.Attributes;
using NLog.Targets.Loki.Batching;
using NLog.Targets.Loki.Rendering;

namespace Micro;

/// <summary>A full batch of 10,000 entries: filling and sealing it.</summary>
public class SealBenchmarks
{
    private const int Entries = 10_000;

    private readonly byte[][] _entries = new byte[Entries][];
    private readonly LabelSet _labels = new([new KeyValuePair<string, string>("app", "costs")]);

    [Params(CompressionLevel.NoCompression, CompressionLevel.Fastest, CompressionLevel.Optimal)]
    public CompressionLevel Compression { get; set; }

    [GlobalSetup]
    public void Create()
    {
        var chance = new Random(1);
        for (var i = 0; i < Entries; i++)
            _entries[i] = System.Text.Encoding.UTF8.GetBytes(FormattableString.Invariant(
                $"[\"{1_700_000_000_000_000_000 + (i * 1_000L)}\",\"Order {chance.Next(1_000_000)} of C{chance.Next(1000):x8} took {chance.Next(9000) / 100d} ms on s0001 and ended with 200\"]"));
    }

    [Benchmark]
    public long FillAndSeal()
    {
        var batch = new Batch(_labels, TimeSpan.Zero);
        for (var i = 0; i < Entries; i++)
            batch.Append(_entries[i], i);
        return batch.Seal(Compression).Length;
    }
}
