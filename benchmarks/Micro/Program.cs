using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Diagnosers;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using Micro;

// The parts alone, without queue, threads and network:
//   dotnet run -c Release --project benchmarks/Micro [-- --filter *Seal*]
// In this process, because a generated one would not carry the strong name that sees the internals.
var config = DefaultConfig.Instance
    .AddJob(Job.ShortRun.WithToolchain(InProcessEmitToolchain.Instance))
    .AddDiagnoser(MemoryDiagnoser.Default);
BenchmarkSwitcher.FromTypes([typeof(RendererBenchmarks), typeof(EncoderBenchmarks), typeof(SealBenchmarks)]).Run(args.Length > 0 ? args : ["--filter", "*"], config);
