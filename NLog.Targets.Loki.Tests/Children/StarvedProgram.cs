using System;
using System.Collections.Generic;
using System.IO;

namespace NLog.Targets.Loki.Tests.Children;

/// <summary>
/// The part of the child program that runs out of something: of file descriptors, or of memory. It prints what the target counted
/// while it lasted and in the end.
/// </summary>
internal static class StarvedProgram
{
    public static int Run(string what, string endpoint)
    {
        LogManager.Setup().LoadConfigurationFromXml($"""
            <nlog throwConfigExceptions="true">
              <extensions><add assembly="NLog.Targets.Loki" /></extensions>
              <targets><target type="Loki" name="loki" endpoint="{endpoint}" flushTimeoutSeconds="3" retryDelayMilliseconds="50" taskDelayMilliseconds="50" /></targets>
              <rules><logger name="*" writeTo="loki" /></rules>
            </nlog>
            """);
        // The console takes its descriptors at its first use.
        Console.WriteLine("started");
        Console.Error.WriteLine("started");
        var target = LogManager.Configuration!.FindTargetByName<LokiTarget>("loki")!;
        var logger = LogManager.GetLogger("starved");
        logger.Info("before");
        Flush();
        if (what == "descriptors")
        {
            var taken = TakeDescriptors();
            LogLines(logger);
            Flush();
            Console.WriteLine($"taken={taken.Count} {target.Statistics}");
            taken.ForEach(descriptor => descriptor.Dispose());
        }
        else
        {
            LogLines(logger);
            try
            {
                // The message is made by NLog, before any target hears of it, and NLog lets the application have this exception.
                logger.Info("huge {huge}", new Huge());
            }
            catch (OutOfMemoryException)
            {
                Console.WriteLine("thrown");
            }

            logger.WithProperty("huge", new Huge()).Info("huge");
            LogLines(logger);
        }

        Flush();
        Flush();
        Console.WriteLine($"tried={Huge.Tried} {target.Statistics}");
        return 0;
    }

    private static void LogLines(Logger logger)
    {
        for (var i = 0; i < 50; i++)
            logger.Info("line {number}", i);
    }

    private static void Flush()
    {
        try
        {
            LogManager.Flush(TimeSpan.FromSeconds(5));
        }
        catch (Exception error)
        {
            Console.Error.WriteLine(error.Message);
        }
    }

    private static List<FileStream> TakeDescriptors()
    {
        var taken = new List<FileStream>();
        try
        {
            while (true)
                taken.Add(new FileStream("/dev/null", FileMode.Open));
        }
        catch (IOException)
        {
            return taken;
        }
    }

    /// <summary>A value whose text has room in no heap of the test.</summary>
    private sealed class Huge
    {
        public static bool Tried { get; private set; }

        public override string ToString()
        {
            Tried = true;
            return new string('x', 1_000_000_000);
        }
    }
}
