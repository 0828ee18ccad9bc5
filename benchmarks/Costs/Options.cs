using System;
using System.Collections.Generic;
using System.Globalization;

namespace Costs;

/// <summary>What the command line says.</summary>
internal sealed class Options
{
    public const string Usage =
        """
        dotnet run -c Release --project benchmarks/Costs -- [what] [--rows PATTERN] [--events N] [--rounds N]
          (nothing)            the table of costs over the floor (--processes N: so many for each row, one after the other, 3 unless said)
          --throughput         events a second of one and of eight streams
          --scale              cost of an event from 1,000 events on (--most N: up to so many, 1,000,000 unless said)
          --endurance SECONDS  memory, handles and threads at full speed, and as long with the server down
          gate                 compares allocations with benchmarks/allocations.txt; gate --write renews the file
          --list               the names of the rows
        """;

    public string What { get; private set; } = "";

    public string Pattern { get; private set; } = "";

    public int Events { get; private set; } = 200_000;

    public int Rounds { get; private set; } = 5;

    public int Processes { get; private set; } = 3;

    public int Most { get; private set; } = 1_000_000;

    public int Seconds { get; private set; } = 60;

    public bool Write { get; private set; }

    /// <summary>The options, or null when something is not one of them.</summary>
    public static Options? Parse(string[] arguments)
    {
        var options = new Options();
        var rest = new Queue<string>(arguments);
        try
        {
            while (rest.TryDequeue(out var word))
                options.Take(word, rest);
        }
        catch (Exception error) when (error is FormatException or OverflowException or InvalidOperationException)
        {
            return null;
        }

        return options;
    }

    private void Take(string word, Queue<string> rest)
    {
        switch (word)
        {
            case "--rows":
                Pattern = rest.Dequeue();
                break;
            case "--events":
                Events = Number(rest);
                break;
            case "--rounds":
                Rounds = Number(rest);
                break;
            case "--processes":
                Processes = Number(rest);
                break;
            case "--most":
                Most = Number(rest);
                break;
            case "--write":
                Write = true;
                break;
            case "gate" or "--throughput" or "--scale" or "--list":
                What = word.TrimStart('-');
                break;
            case "--endurance":
                What = "endurance";
                Seconds = Number(rest);
                break;
            default:
                throw new FormatException(word);
        }
    }

    private static int Number(Queue<string> rest) => Math.Max(1, int.Parse(rest.Dequeue(), NumberStyles.AllowThousands, CultureInfo.InvariantCulture));
}
