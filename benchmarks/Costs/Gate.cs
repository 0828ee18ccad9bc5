using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;

namespace Costs;

/// <summary>
/// The check that no event allocates more than it did: bytes over the floor, beside those in benchmarks/allocations.txt.
/// Allocation is exact where time is not, so this can fail a build.
/// </summary>
internal static class Gate
{
    private const int Events = 30_000;
    private const int Rounds = 3;

    // Figures move by up to five bytes from run to run; the smallest object takes 24.
    private const double AllowedBytes = 18;
    private const double AllowedShare = 0.02;

    private static readonly string[] s_rows = [Rows.Plain, Rows.PlainProtobuf, Rows.Metadata, Rows.Json];
    private static readonly string[] s_calls = [Rows.Plain, Rows.Activity, Rows.Metadata, Rows.Json];

    /// <summary>Prints the comparison; false when something grew or did not arrive.</summary>
    public static bool Run(bool write)
    {
        using var run = new Run();
        // Compiled in full at once: what the compiler keeps off the heap must not depend on what ran before.
        run.Measure(Rows.All.Where(row => s_rows.Contains(row.Name) || s_calls.Contains(row.Name)), Rows.All, Events, Rounds, processes: 1, isFullyCompiled: true);
        var measured = Measured(run);
        if (run.Workers.FirstOrDefault(worker => worker.Problem is not null) is { } broken)
        {
            Console.WriteLine($"{broken.Row.Name}: {broken.Problem}");
            return false;
        }

        var path = FindFile();
        if (write)
        {
            File.WriteAllLines(path, measured.Select(pair => FormattableString.Invariant($"{pair.Name} = {pair.Bytes:F0}")));
            Console.WriteLine("written: " + path);
            return true;
        }

        return Compare(measured, Read(path));
    }

    private static List<(string Name, double Bytes)> Measured(Run run)
    {
        var measured = new List<(string, double)>();
        foreach (var worker in s_rows.Select(run.Find).OfType<WorkerProcess>())
            measured.Add((worker.Row.Name, worker.Bytes - run.Find(worker.Row.Floor)!.Bytes));
        foreach (var worker in s_calls.Select(run.Find).OfType<WorkerProcess>())
            measured.Add(("on the logging thread: " + worker.Row.Name, (worker.CallBytes - run.Find(worker.Row.Floor)!.CallBytes)!.Value));
        return measured;
    }

    private static bool Compare(List<(string Name, double Bytes)> measured, Dictionary<string, double> known)
    {
        var holds = true;
        Table.Header("Allocated over the floor, bytes an event", "now", "known", "");
        foreach (var (name, bytes) in measured)
        {
            var word = "";
            if (!known.TryGetValue(name, out var before))
            {
                word = "NEW: add it with gate --write";
                holds = false;
            }
            else
            {
                var allowed = Math.Max(AllowedBytes, Math.Abs(before) * AllowedShare);
                if (bytes > before + allowed)
                    word = "GREW";
                else if (bytes < before - allowed)
                    word = "less: keep it with gate --write";
                holds &= bytes <= before + allowed;
            }

            Console.WriteLine(FormattableString.Invariant($"| {name} | {bytes:F0} | {(known.ContainsKey(name) ? before : double.NaN):F0} | {word} |"));
        }

        Console.WriteLine(holds ? "No event allocates more than it did." : "An event allocates MORE than it did: benchmarks/README.md says how to find out where.");
        return holds;
    }

    private static Dictionary<string, double> Read(string path) => File.ReadLines(path)
        .Select(line => line.Split(" = "))
        .Where(parts => parts.Length == 2)
        .ToDictionary(parts => parts[0], parts => double.Parse(parts[1], CultureInfo.InvariantCulture));

    private static string FindFile()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "NLog.Targets.Loki.sln")))
                return Path.Combine(folder.FullName, "benchmarks", "allocations.txt");
        }

        throw new FileNotFoundException("run it inside the repository");
    }
}
