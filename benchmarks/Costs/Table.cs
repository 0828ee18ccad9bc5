using System;
using System.Globalization;
using System.Linq;
using System.Runtime.InteropServices;

namespace Costs;

/// <summary>The tables of a run, as markdown.</summary>
internal static class Table
{
    /// <summary>Prints the tables; false when something did not arrive.</summary>
    public static bool Print(Run run, Options options)
    {
        Console.WriteLine(Machine());
        Console.WriteLine();
        Console.WriteLine(FormattableString.Invariant($"{options.Events:N0} events, medians of {options.Rounds * options.Processes} rounds, {options.Rounds} in each of {options.Processes} processes one after the other."));
        Console.WriteLine();
        Header("An event", "CPU, µs", "over floor, µs", "ratio", "allocated, bytes", "over floor, bytes", "sent, bytes", "thousand events/s", "gen 0 collections", "waits for a lock, of 1,000 events");
        foreach (var worker in run.Workers)
            Console.WriteLine(Costs(worker, run.Find(worker.Row.Floor)));
        foreach (var row in run.Skipped)
            Console.WriteLine($"| {row.Name} | - | - | - | - | - | - | - | - | this build has no such setting |");

        Limits.Print(run);
        Console.WriteLine();
        Header("On the logging thread, a call", "ns", "over floor, ns", "ratio", "allocated, bytes", "over floor, bytes");
        foreach (var worker in run.Workers.Where(worker => worker.CallBytes is not null))
            Console.WriteLine(Calls(worker, run.Find(worker.Row.Floor)));

        Console.WriteLine();
        Header("Large object heap, bytes", "before", "after the round that left the most");
        foreach (var worker in run.Workers)
            Console.WriteLine(FormattableString.Invariant($"| {worker.Row.Name} | {worker.Largest.LargeBefore:N0} | {worker.Largest.LargeAfter:N0} |"));

        var broken = run.Workers.Where(worker => worker.Problem is not null).ToList();
        foreach (var worker in broken)
            Console.WriteLine($"\nNOT VALID: {worker.Row.Name}: {worker.Problem}");
        return broken.Count == 0;
    }

    public static string Machine() => FormattableString.Invariant(
        $"{Environment.ProcessorCount} processors, {GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / (1L << 30)} GiB, {RuntimeInformation.FrameworkDescription}, {RuntimeInformation.RuntimeIdentifier}");

    public static void Header(params string[] names)
    {
        Console.WriteLine("| " + string.Join(" | ", names) + " |");
        Console.WriteLine("|---|" + string.Concat(Enumerable.Repeat("---:|", names.Length - 1)));
    }

    private static string Costs(WorkerProcess row, WorkerProcess? floor)
    {
        var sent = row.Row.IsFloor ? "" : row.SentBytes.ToString("F0", CultureInfo.InvariantCulture);
        var over = floor is null
            ? "| | |"
            : FormattableString.Invariant($"| {row.CpuMicroseconds - floor.CpuMicroseconds:F2} | {row.CpuMicroseconds / floor.CpuMicroseconds:F2} |");
        var overBytes = floor is null ? "" : (row.Bytes - floor.Bytes).ToString("F0", CultureInfo.InvariantCulture);
        var valid = row.Problem is null ? "" : " (NOT VALID)";
        return FormattableString.Invariant(
            $"| {row.Row.Name}{valid} | {row.CpuMicroseconds:F2} {over} {row.Bytes:F0} | {overBytes} | {sent} | {row.EventsPerSecond / 1000:F0} | {row.Collections:F0} | {row.Contentions:F1} |");
    }

    private static string Calls(WorkerProcess row, WorkerProcess? floor)
    {
        var over = floor is null
            ? "| | |"
            : FormattableString.Invariant($"| {row.CallNanoseconds - floor.CallNanoseconds:F0} | {row.CallNanoseconds / floor.CallNanoseconds:F2} |");
        var overBytes = floor is null ? "" : (row.CallBytes - floor.CallBytes)!.Value.ToString("F1", CultureInfo.InvariantCulture);
        return FormattableString.Invariant($"| {row.Row.Name} | {row.CallNanoseconds:F0} {over} {row.CallBytes:F1} | {overBytes} |");
    }
}
