using System;
using System.IO;
using System.Linq;
using NLog.Targets.Loki.Testing;

namespace NLog.Targets.Loki.Tests.Children;

/// <summary>The program that tests start as a process of its own: a server, or an application that logs as it is told.</summary>
internal static class ChildProgram
{
    /// <summary>The commands of an application come as arguments and then, one a line, on its standard input; at its end it returns.</summary>
    public static int Main(string[] args)
    {
        if (args[0] == "starve")
            return StarvedProgram.Run(args[1], args[2]);
        if (args[0] == "serve")
            return Serve(args[1]);
        Func<string, string> obey = args[0] == ConfiguredApplication.Word
            ? new ConfiguredApplication(args[1]).Obey
            : new ChildApplication(new Uri(args[0]), args[1]).Obey;
        foreach (var command in args.Skip(2))
            obey(command);
        while (Console.ReadLine() is { } command)
            Console.WriteLine(obey(command));
        return 0;
    }

    // A Loki in a process of its own, configured by the files of a folder, for LOKI_URL where no real one is at hand; it ends with its standard input.
    private static int Serve(string folder)
    {
        string Read(string file) => File.ReadAllText(Path.Combine(folder, file));
        using var server = LokiTestServer.StartAsync(LokiTestServerOptions.FromYaml(Read("loki.yaml"), Read("overrides.yaml"))).GetAwaiter().GetResult();
        Console.WriteLine(server.Url);
        while (Console.ReadLine() is not null)
        {
        }

        return 0;
    }
}
