using System;
using System.Globalization;
using LogCallLatency;
using NLog.Targets;
using NLog.Targets.Loki;
using NLog.Targets.Wrappers;

// What a log call costs the thread that logs, beside what it costs with NLog's own asynchronous target that does nothing.
// Nobody listens on the port: the worst case, in which everything is queued, buffered and dropped.
//   dotnet run -c Release --project benchmarks/LogCallLatency [threads] [events of each]
var threads = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : 16;
var events = args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) : 62_500;
const int Rounds = 3;

Console.WriteLine($"{threads} threads, {events} events each, {Environment.ProcessorCount} processors; microseconds of a log call");
Console.WriteLine($"{"",-22}{"p50",10}{"p99",10}{"p99.9",10}{"max",12}");
for (var round = 1; round <= Rounds; round++)
{
    var wrapper = new AsyncTargetWrapper("null", new NullTarget { FormatMessage = true }) { QueueLimit = 100_000, OverflowAction = AsyncTargetWrapperOverflowAction.Discard };
    var nothing = Run.Of(wrapper, threads, events);
    var target = new LokiTarget { Name = "loki", Endpoint = "http://127.0.0.1:1", Diagnostics = LokiDiagnostics.None, FlushTimeoutSeconds = 1, CloseTimeoutSeconds = 1 };
    var loki = Run.Of(target, threads, events);
    Print("async null " + round, nothing);
    Print("Loki " + round, loki);
    Console.WriteLine($"{"ratio",-22}{Ratio(0.5),10:F1}{Ratio(0.99),10:F1}{Ratio(0.999),10:F1}{Ratio(1),12:F1}");

    double Ratio(double quantile) => loki.Microseconds(quantile) / nothing.Microseconds(quantile);
}

static void Print(string name, Latencies latencies) => Console.WriteLine(
    $"{name,-22}{latencies.Microseconds(0.5),10:F1}{latencies.Microseconds(0.99),10:F1}{latencies.Microseconds(0.999),10:F1}{latencies.Microseconds(1),12:F1}");
