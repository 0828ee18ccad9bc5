using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.Linq;
using System.Reflection;
using System.Threading;
using NLog.Config;

namespace NLog.Targets.Loki.Tests.Children;

/// <summary>
/// An application that is given whole configurations: the first is that of NLog's global factory, each further one has a LogFactory
/// of its own. Each command is answered with one line; the first but that of a host starts the logging.
/// </summary>
internal sealed class ConfiguredApplication(string configurations)
{
    /// <summary>The argument that chooses this application.</summary>
    public const string Word = "configured";

    /// <summary>What stands between two configurations.</summary>
    public const string Next = "<!-- next -->";

    /// <summary>Instead of XML: what follows is an endpoint, and the target is buffered by NLog's fluent configuration.</summary>
    public const string Fluent = "fluent ";

    private readonly List<LogFactory> _factories = [];
    private readonly List<Logger> _loggers = [];
    private readonly CancellingHost _host = new();
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private int _logged;

    private IEnumerable<LokiTarget> Targets => _factories.SelectMany(factory => factory.Configuration?.AllTargets.OfType<LokiTarget>() ?? []);

    public string Obey(string command)
    {
        var words = command.Split(' ');
        if (_factories.Count == 0 && words[0] is not ("watch" or "host" or "keys"))
            Start();
        switch (words[0])
        {
            case "start":
                return "started";
            case "watch":
                _host.Watch();
                return "watched";
            case "host":
                _host.TakeSignals();
                return "hosted";
            case "keys":
                _host.TakeKeys();
                return "hosted";
            case "taken":
                return _host.ToString();
            case "log":
                return Log(int.Parse(words[1], CultureInfo.InvariantCulture));
            case "flush":
                _factories.ForEach(factory => factory.Flush(TimeSpan.FromSeconds(14)));
                return "flushed";
            case "statistics":
                return string.Join(" | ", Targets.Select(target => $"open={target.Statistics.CircuitBreakerOpen} {target.Statistics}"));
            case "hold":
                return Hold();
            case "stick":
                return Stick();
            case "shutdown":
                var began = _clock.Elapsed;
                LogManager.Shutdown();
                return string.Create(CultureInfo.InvariantCulture, $"seconds={(_clock.Elapsed - began).TotalSeconds:F3}");
            case "exit":
                Environment.Exit(0);
                break;
        }

        throw new ArgumentException("unknown command: " + command);
    }

    private void Start()
    {
        LogManager.Setup().SetupExtensions(extensions => extensions.RegisterTarget<StuckTarget>("Stuck"));
        foreach (var configuration in configurations.Split(Next))
        {
            var factory = _factories.Count == 0 ? LogManager.LogFactory : new LogFactory();
            _factories.Add(factory);
            if (configuration.StartsWith(Fluent, StringComparison.Ordinal))
            {
                var target = new LokiTarget { Name = "loki", Endpoint = configuration[Fluent.Length..] };
                factory.Setup().LoadConfiguration(builder => builder.ForLogger().WriteTo(target).WithBuffering());
            }
            else
            {
                factory.Configuration = XmlLoggingConfiguration.CreateFromXmlString($"""
                    <nlog throwConfigExceptions="true">
                      <extensions><add assembly="NLog.Targets.Loki" /></extensions>
                      {configuration}
                    </nlog>
                    """, factory);
            }

            // Once: it takes the lock that a thread may hold later.
            _loggers.Add(factory.GetLogger("child"));
        }
    }

    // To each factory.
    private string Log(int count)
    {
        for (var end = _logged + count; _logged < end; _logged++)
            _loggers.ForEach(logger => logger.Info("line {number}", _logged));
        return "logged";
    }

    // As a thread that is stuck inside of a reload.
    private static string Hold()
    {
        var configurationLock = typeof(LogFactory).GetField("_syncRoot", BindingFlags.Instance | BindingFlags.NonPublic)!.GetValue(LogManager.LogFactory)!;
        var held = new ManualResetEventSlim();
        new Thread(() =>
        {
            Monitor.Enter(configurationLock);
            held.Set();
            new ManualResetEventSlim().Wait();
        })
        { IsBackground = true }.Start();
        held.Wait();
        return "held";
    }

    private static string Stick()
    {
        new Thread(() => LogManager.Configuration = new LoggingConfiguration()) { IsBackground = true }.Start();
        StuckTarget.AwaitStuck();
        return "stuck";
    }
}
