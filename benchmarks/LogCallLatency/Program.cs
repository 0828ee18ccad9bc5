using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using LogCallLatency;
using NLog.Targets;
using NLog.Targets.Loki;
using NLog.Targets.Wrappers;

// What a log call costs the thread that logs, beside what it costs with NLog's own asynchronous target that does nothing.
// Nobody listens on the port: the worst case, in which everything is queued, buffered and dropped.
//   dotnet run -c Release --project benchmarks/LogCallLatency [threads] [events of each]
var threads = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : 16;
var events = args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) : 62_500;
const int Rounds = 9;
double[] quantiles = [0.5, 0.99, 0.999, 1];
var ratios = quantiles.Select(_ => new List<double>()).ToArray();

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
    for (var i = 0; i < quantiles.Length; i++)
        ratios[i].Add(loki.Microseconds(quantiles[i]) / nothing.Microseconds(quantiles[i]));
}

Console.WriteLine($"{"median ratio",-22}{Median(0),10:F1}{Median(1),10:F1}{Median(2),10:F1}{Median(3),12:F1}");

double Median(int quantile) => ratios[quantile].Order().ElementAt(Rounds / 2);

static void Print(string name, Latencies latencies) => Console.WriteLine(
    $"{name,-22}{latencies.Microseconds(0.5),10:F1}{latencies.Microseconds(0.99),10:F1}{latencies.Microseconds(0.999),10:F1}{latencies.Microseconds(1),12:F1}");
