using System;
using System.IO;
using NLog.Config;
using NLog.Targets.Loki.Testing;

namespace NLog.Targets.Loki.Tests.Children;

/// <summary>The program that tests start as a process of its own: it logs and ends in the way its argument names.</summary>
internal static class ChildProgram
{
    public static int Main(string[] args)
    {
        if (args[0] == "starve")
            return StarvedProgram.Run(args[1], args[2]);
        if (args[0] == "serve")
            return Serve(args[1]);
        var (ending, endpoint, count) = (args[0], args[1], int.Parse(args[2], System.Globalization.CultureInfo.InvariantCulture));
        LogManager.Setup().LoadConfigurationFromXml($"""
            <nlog throwConfigExceptions="true">
              <extensions><add assembly="NLog.Targets.Loki" /></extensions>
              <targets><target type="Loki" name="loki" endpoint="{endpoint}" /></targets>
              <rules><logger name="*" writeTo="loki" /></rules>
            </nlog>
            """);
        var logger = LogManager.GetLogger("child");
        for (var i = 0; i < count; i++)
            logger.Info("line {number}", i);
        switch (ending)
        {
            case "exit":
                Environment.Exit(0);
                break;
            case "shutdown":
                LogManager.Shutdown();
                break;
        }

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
