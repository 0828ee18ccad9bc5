using System;
using System.Collections.Generic;
using System.IO.Compression;
using BenchmarkDotNet.Attributes;
using NLog.Targets.Loki.Batching;
using NLog.Targets.Loki.Encoding;

namespace Micro;

/// <summary>A full batch of 10,000 entries: filling and sealing it.</summary>
public class SealBenchmarks
{
    private const int Entries = 10_000;

    private readonly byte[][] _entries = new byte[Entries][];
    private LabelSet _labels = null!;
    private CompressionLevel _compression;

    /// <summary>JSON with a level of gzip, or protobuf with snappy.</summary>
    [Params("NoCompression", "Fastest", "Optimal", "Protobuf")]
    public string Body { get; set; } = "";

    [GlobalSetup]
    public void Create()
    {
        var format = Enum.TryParse(Body, out _compression) ? PushFormat.Json : PushFormat.Protobuf;
        _labels = new LabelSet([new KeyValuePair<string, string>("app", "costs")], format);
        var encoder = format.CreateEncoder();
        var chance = new Random(1);
        for (var i = 0; i < Entries; i++)
        {
            encoder.Begin(1_700_000_000_000_000_000 + (i * 1_000L));
            encoder.Line(FormattableString.Invariant($"Order {chance.Next(1_000_000)} of C{chance.Next(1000):x8} took {chance.Next(9000) / 100d} ms on s0001 and ended with 200"), int.MaxValue);
            encoder.End();
            _entries[i] = encoder.Entry.ToArray();
        }
    }

    [Benchmark]
    public long FillAndSeal()
    {
        var batch = new Batch(new StreamKey("", _labels), TimeSpan.Zero);
        for (var i = 0; i < Entries; i++)
            batch.Append(_entries[i], i);
        var length = batch.Seal(_compression).Length;
        batch.Release();
        return length;
    }
}
