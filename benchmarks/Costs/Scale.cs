using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;

namespace Costs;

/// <summary>The cost of an event as the number of events, streams and threads grows.</summary>
internal static class Scale
{
    private const double Allowed = 0.15;
    private const int WarmUps = 3;
    private const int WarmUpEvents = 100_000;

    public static bool Run(Options options)
    {
        var plain = Rows.All.First(row => row.Name == Rows.Plain);
        Console.WriteLine(Table.Machine());
        var counts = new[] { 1_000, 10_000, 100_000, 1_000_000, 10_000_000 }.Where(count => count <= options.Most);
        return Group("events", options.Rounds, counts.Select(count => (Name(count), plain, count)), Name(100_000))
            & Group("streams", options.Rounds, new[] { 1, 10, 100, 1000 }.Select(count => (Name(count), plain with { Streams = count }, options.Events)), "1")
            & Group("threads", options.Rounds, new[] { 1, 2, 4, 8, 16 }.Select(count => (Name(count), plain with { Threads = count }, options.Events)), "1");
    }

    private static string Name(int count) => count.ToString("N0", CultureInfo.InvariantCulture);

    private static bool Group(string what, int rounds, IEnumerable<(string Name, Row Row, int Events)> points, string reference)
    {
        using var sink = new SinkProcess();
        var workers = points.Select(point => (point.Name, point.Events, Process: new WorkerProcess(point.Row, sink))).ToList();
        try
        {
            for (var round = -WarmUps; round < rounds; round++)
            {
                foreach (var worker in workers)
                    worker.Process.Round(round < 0 ? WarmUpEvents : worker.Events, isKept: round >= 0);
            }

            var first = workers.FirstOrDefault(worker => worker.Name == reference).Process ?? workers[0].Process;
            Console.WriteLine();
            Table.Header(what, "CPU, µs an event", "change", "allocated, bytes an event", "requests", "within 15 %");
            foreach (var (name, _, process) in workers)
            {
                var change = (process.CpuMicroseconds / first.CpuMicroseconds) - 1;
                Console.WriteLine(FormattableString.Invariant(
                    $"| {name} | {process.CpuMicroseconds:F2} | {change * 100:+0;-0;0} % | {process.Bytes:F0} | {process.Requests} | {(process.Problem ?? (change <= Allowed ? "yes" : "NO"))} |"));
            }

            return workers.All(worker => worker.Process.Problem is null);
        }
        finally
        {
            workers.ForEach(worker => worker.Process.Dispose());
        }
    }
}
