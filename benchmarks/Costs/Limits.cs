using System;
using System.Linq;

namespace Costs;

/// <summary>
/// What an event may cost over its floor. Processors differ by a factor of three, so time is counted in floors of a plain line;
/// the limits were set where that floor takes 0.55 µs.
/// </summary>
internal static class Limits
{
    private const double FloorMicroseconds = 0.55;

    private static readonly (string Row, double Microseconds, double Bytes)[] s_limits =
    [
        (Rows.Plain, 0.60, 48),
        (Rows.PlainProtobuf, 0.45, 48),
        (Rows.Metadata, 1.00, 160),
        (Rows.Json, 0.70, 48),
    ];

    /// <summary>Prints the rows that have a limit, when the run has them.</summary>
    public static void Print(Run run)
    {
        var limited = s_limits.Where(limit => run.Find(limit.Row) is not null).ToList();
        if (limited.Count == 0 || run.Find(Rows.Floor) is not { } plain)
            return;
        Console.WriteLine();
        Table.Header("Over its floor", "in plain floors", "least and most of a process", "limit", "bytes", "limit", "held");
        foreach (var (name, microseconds, bytes) in limited)
        {
            var row = run.Find(name)!;
            var floor = run.Find(row.Row.Floor)!;
            var floors = (row.CpuMicroseconds - floor.CpuMicroseconds) / plain.CpuMicroseconds;
            var each = Enumerable.Range(0, row.Generation + 1)
                .Select(process => (row.CpuMicrosecondsOf(process) - floor.CpuMicrosecondsOf(process)) / plain.CpuMicrosecondsOf(process)).ToList();
            var most = microseconds / FloorMicroseconds;
            var over = row.Bytes - floor.Bytes;
            Console.WriteLine(FormattableString.Invariant($"| {name} | {floors:F2} | {each.Min():F2}–{each.Max():F2} | {most:F2} | {over:F0} | {bytes:F0} | {(floors <= most && over <= bytes ? "yes" : "NO")} |"));
        }
    }
}
