using System;
using System.Diagnostics;
using System.Globalization;
using System.Linq;
using System.Threading;

namespace NLog.Targets.Loki.Tests.Children;

/// <summary>An application with one Loki target in NLog's global factory; each command is answered with one line.</summary>
internal sealed class ChildApplication
{
    private readonly string _attributes;
    private LokiTarget _target = null!;
    private int _logged;

    public ChildApplication(Uri endpoint, string attributes)
    {
        _attributes = attributes;
        Reload(endpoint);
    }

    public string Obey(string command)
    {
        var words = command.Split(' ');
        switch (words[0])
        {
            case "log":
                return Log(int.Parse(words[1], CultureInfo.InvariantCulture));
            case "repeat":
                return Repeat(int.Parse(words[1], CultureInfo.InvariantCulture), new DateTime(long.Parse(words[2], CultureInfo.InvariantCulture), DateTimeKind.Utc));
            case "write":
                return StartWriting();
            case "flush":
                return Flush(1);
            case "flushes":
                return Flush(100);
            case "reload":
                return Reload(new Uri(words[1]));
            case "churn":
                return new ReloadChurn(() => Reload(new Uri(words[1])), () => _target.Statistics).Run();
            case "cycle":
                return new FactoryCycle(new Uri(words[1])).Run();
            case "statistics":
                return _target.Statistics.ToString();
            case "shutdown":
                var watch = Stopwatch.StartNew();
                LogManager.Shutdown();
                return string.Create(CultureInfo.InvariantCulture, $"seconds={watch.Elapsed.TotalSeconds:F3} {_target.Statistics}");
            case "exit":
                Environment.Exit(0);
                break;
            case "throw":
                throw new InvalidOperationException("nobody catches this");
            case "failfast":
                Environment.FailFast("no way on");
                break;
        }

        throw new ArgumentException("unknown command: " + command);
    }

    private string Log(int count)
    {
        var logger = LogManager.GetLogger("child");
        for (var end = _logged + count; _logged < end; _logged++)
            logger.Info("line {number}", _logged);
        return "logged";
    }

    // The same line again and again, all at one time.
    private static string Repeat(int count, DateTime time)
    {
        var logger = LogManager.GetLogger("child");
        for (var i = 0; i < count; i++)
            logger.Log(new LogEventInfo(LogLevel.Info, logger.Name, "the same") { TimeStamp = time });
        return "logged";
    }

    // Until the process ends, in whatever way; at a pace that leaves a core to the rest of the test.
    private string StartWriting()
    {
        new Thread(() =>
        {
            using var pace = new ManualResetEventSlim();
            while (true)
            {
                Log(20);
                pace.Wait(1);
            }
        })
        { IsBackground = true }.Start();
        return "writing";
    }

    private static string Flush(int count)
    {
        using var ended = new CountdownEvent(count);
        var ends = new string[count];
        var calls = 0;
        var threads = Enumerable.Range(0, count).Select(number => new Thread(() => LogManager.Flush(
            error =>
            {
                Interlocked.Increment(ref calls);
                ends[number] = error?.ToString().ReplaceLineEndings(" ") ?? "flushed";
                ended.Signal();
            },
            TimeSpan.FromSeconds(60)))).ToList();
        threads.ForEach(thread => thread.Start());
        ended.Wait();
        threads.ForEach(thread => thread.Join());
        return calls + " " + string.Join(" | ", ends.Distinct());
    }

    private string Reload(Uri endpoint)
    {
        LogManager.Setup().LoadConfigurationFromXml($"""
            <nlog throwConfigExceptions="true">
              <extensions><add assembly="NLog.Targets.Loki" /></extensions>
              <targets><target type="Loki" name="loki" endpoint="{endpoint}" {_attributes} /></targets>
              <rules><logger name="*" writeTo="loki" /></rules>
            </nlog>
            """);
        _target = LogManager.Configuration!.FindTargetByName<LokiTarget>("loki")!;
        return "reloaded";
    }
}
