using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using NLog.Targets.Loki;

namespace QuickStart;

/// <summary>Holds what was logged against what the target counted and what Loki holds.</summary>
internal sealed class Report(string source, long lines, LokiStatistics statistics, string speed = "")
{
    private const int LineWidth = 60;

    /// <summary>Whether all four numbers are equal.</summary>
    public bool Print(IReadOnlyCollection<StoredStream> streams)
    {
        Console.WriteLine();
        Console.WriteLine($"{"Entries",9}  Stream");
        foreach (var stream in streams.OrderBy(stream => stream.Labels, StringComparer.Ordinal))
        {
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{stream.Entries,9:N0}  {stream.Labels}"));
            Console.WriteLine($"{"line",15}  {Cut(stream.FirstLine)}");
            Console.WriteLine($"{"metadata",15}  {stream.Metadata}");
        }

        var stored = streams.Sum(stream => stream.Entries);
        Console.WriteLine();
        Console.WriteLine($"Counters: {statistics}");
        if (speed.Length > 0)
            Console.WriteLine(speed);
        (string Name, long Count)[] counts = [(source, lines), ("emitted", statistics.Emitted), ("delivered", statistics.Delivered), ("stored", stored)];
        var equal = counts.All(count => count.Count == lines);
        var text = string.Join(equal ? " = " : ", ", counts.Select(count => string.Create(CultureInfo.InvariantCulture, $"{count.Name} {count.Count:N0}")));
        Console.WriteLine(equal ? $"Equal: {text}." : $"NOT EQUAL: {text}.");
        return equal;
    }

    private static string Cut(string line)
    {
        var flat = line.ReplaceLineEndings(" ");
        return flat.Length <= LineWidth ? flat : flat[..LineWidth];
    }
}
