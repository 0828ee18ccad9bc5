using System;
using System.Linq;

namespace Costs;

/// <summary>The rates end to end: one stream and eight, with a server that answers at once and one that takes 100 ms.</summary>
internal static class Throughput
{
    private const int Seconds = 6;

    public static bool Run()
    {
        using var sink = new SinkProcess();
        var plain = Rows.All.First(row => row.Name == Rows.Plain);
        Console.WriteLine(Table.Machine());
        Console.WriteLine();
        Table.Header("Events a second, thousands", "one stream", "eight streams", "eight / one");
        var arrived = true;
        foreach (var delay in new[] { 0, 100 })
        {
            sink.DelayMilliseconds = delay;
            var one = Measure(plain, sink);
            var eight = Measure(plain with { Streams = 8 }, sink);
            arrived &= one > 0 && eight > 0;
            Console.WriteLine(FormattableString.Invariant($"| an answer takes {delay} ms | {one / 1000:F0} | {eight / 1000:F0} | {eight / one:F1} |"));
        }

        return arrived;
    }

    // The buffer is full soon, and from then on the rate of logging is the rate of delivery.
    private static double Measure(Row row, SinkProcess sink)
    {
        using var worker = new WorkerProcess(row, sink);
        worker.Round(200_000, isKept: false);
        return double.Parse(worker.Ask($"rate {Seconds}"), System.Globalization.CultureInfo.InvariantCulture);
    }
}
