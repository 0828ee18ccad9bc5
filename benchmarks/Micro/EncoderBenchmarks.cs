using BenchmarkDotNet.Attributes;
using NLog.Targets.Loki.Encoding;

namespace Micro;

/// <summary>One entry, its text known already: the bytes of either format, with and without five values of metadata.</summary>
public class EncoderBenchmarks
{
    private const string Line = "Order 473921 of C0000a3f7 took 37.25 ms on s0001 and ended with 200";

    private static readonly (string Name, string Value)[] s_metadata =
        [("OrderId", "473921"), ("Customer", "C0000a3f7"), ("Elapsed", "37.25"), ("Shard", "s0001"), ("Status", "200")];

    private EntryEncoder _encoder = null!;
    private long _nanoseconds = 1_700_000_000_000_000_000;

    [Params("Json", "Protobuf")]
    public string Format { get; set; } = "";

    [GlobalSetup]
    public void Create() => _encoder = (Format == "Json" ? PushFormat.Json : PushFormat.Protobuf).CreateEncoder();

    [Benchmark(Baseline = true)]
    public int Lines()
    {
        Begin();
        return End();
    }

    [Benchmark]
    public int LinesWithMetadata()
    {
        Begin();
        foreach (var (name, value) in s_metadata)
            _encoder.Metadata(name, value, int.MaxValue);
        return End();
    }

    private void Begin()
    {
        _encoder.Begin(_nanoseconds++);
        _encoder.Line(Line, int.MaxValue);
    }

    private int End()
    {
        _encoder.End();
        return _encoder.Entry.Length;
    }
}
