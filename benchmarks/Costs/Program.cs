using System;
using System.Globalization;
using System.Linq;
using System.Text.Json;
using Costs;

// What an event costs over NLog's own floor; benchmarks/README.md says how it is measured.
CultureInfo.DefaultThreadCurrentCulture = CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
if (args is ["sink", var sinkPort])
{
    Sink.Run(int.Parse(sinkPort, CultureInfo.InvariantCulture));
    return 0;
}

if (args is ["worker", var rowText, var port, var queueLimit])
    return Worker.Run(JsonSerializer.Deserialize<Row>(rowText)!, int.Parse(port, CultureInfo.InvariantCulture), int.Parse(queueLimit, CultureInfo.InvariantCulture));

if (Options.Parse(args) is not { } options)
{
    Console.Error.WriteLine(Options.Usage);
    return 2;
}

switch (options.What)
{
    case "list":
        foreach (var row in Rows.All)
            Console.WriteLine(row.Name);
        return 0;
    case "gate":
        return Gate.Run(options.Write) ? 0 : 1;
    case "throughput":
        return Throughput.Run() ? 0 : 1;
    case "scale":
        return Scale.Run(options) ? 0 : 1;
    case "endurance":
        return Endurance.Run(options.Seconds) ? 0 : 1;
    default:
        using (var run = new Run())
        {
            run.Measure(Rows.All.Where(row => row.Matches(options.Pattern)), Rows.All, options.Events, options.Rounds, options.Processes);
            return Table.Print(run, options) ? 0 : 1;
        }
}
