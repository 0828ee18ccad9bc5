using System;
using System.Linq;
using System.Threading.Tasks;
using NLog.Config;
using NLog.Targets.Loki.Integration;

namespace NLog.Targets.Loki.Tests.Support;

/// <summary>A LogFactory with one Loki target, as an application would have it.</summary>
internal sealed class Logging : IDisposable
{
    private const string Rule = "<logger name=\"*\" writeTo=\"loki\" />";

    private readonly QueueWatch _queue = new();

    private Logging(LogFactory factory, LokiTarget target)
    {
        Factory = factory;
        Target = target;
    }

    public LogFactory Factory { get; }

    public LokiTarget Target { get; private set; }

    public LokiStatistics Statistics => Target.Statistics;

    /// <summary>How many requests are under way; what follows from the last answer is decided.</summary>
    /// <remarks>
    /// The sender is asked under its own lock: its thread may stand still between the answer that it has counted and the timer
    /// that it sets, and a clock that runs on meanwhile skips what should have happened.
    /// </remarks>
    public int UnderWay => AccountRegistry.Accounts(Factory).Sum(account => account.CountUnderWay());

    /// <summary>Nothing happens until the clock moves or somebody logs; where NLog's writer stands still, it is started again.</summary>
    public bool IsIdle()
    {
        _queue.Look(Target);
        return EmptyQueue.Of(Target) && UnderWay == 0;
    }

    public static Logging FromXml(string targetXml, Action<LogFactory>? prepare = null, string rules = Rule)
    {
        var factory = new LogFactory { ThrowConfigExceptions = true };
        prepare?.Invoke(factory);
        factory.Configuration = Parse(targetXml, factory, rules);
        return new Logging(factory, factory.Configuration!.AllTargets.OfType<LokiTarget>().Single());
    }

    /// <summary>A target named "loki" with these attributes and, for speed, short pauses unless they say otherwise.</summary>
    public static Logging To(Uri endpoint, string attributes = "", string children = "") =>
        FromXml(TargetXml(endpoint, attributes, children));

    public static Logging With(LokiTarget target)
    {
        var factory = new LogFactory { ThrowConfigExceptions = true };
        var configuration = new LoggingConfiguration(factory);
        target.Name ??= "loki";
        configuration.AddRuleForAllLevels(target);
        factory.Configuration = configuration;
        return new Logging(factory, target);
    }

    /// <summary>The same on a clock that the test moves: NLog's own milliseconds before each hand-over are real, and left out.</summary>
    public static Logging AtOnce(LokiTarget target)
    {
        target.HandOverDelay = 0;
        return With(target);
    }

    public static string TargetXml(Uri endpoint, string attributes = "", string children = "")
    {
        if (!attributes.Contains("taskDelayMilliseconds", StringComparison.Ordinal))
            attributes += " taskDelayMilliseconds=\"50\"";
        return $"<target type=\"Loki\" name=\"loki\" endpoint=\"{endpoint}\" {attributes}>{children}</target>";
    }

    public static LoggingConfiguration Parse(string targetXml, LogFactory factory, string rules = Rule) => XmlLoggingConfiguration.CreateFromXmlString($"""
        <nlog>
          <extensions><add assembly="NLog.Targets.Loki" /></extensions>
          <targets>{targetXml}</targets>
          <rules>{rules}</rules>
        </nlog>
        """, factory);

    public Logger Logger(string name = "test") => Factory.GetLogger(name);

    public void Reload(string targetXml)
    {
        Factory.Configuration = Parse(targetXml, Factory);
        Target = Factory.Configuration!.AllTargets.OfType<LokiTarget>().Single();
    }

    public void Reload(LokiTarget target)
    {
        var configuration = new LoggingConfiguration(Factory);
        configuration.AddRuleForAllLevels(target);
        Factory.Configuration = configuration;
        Target = target;
    }

    /// <summary>Awaits the end of a flush, whatever it says.</summary>
    public Task<Exception?> FlushAsync(TimeSpan? timeout = null)
    {
        var done = new TaskCompletionSource<Exception?>(TaskCreationOptions.RunContinuationsAsynchronously);
        Factory.Flush(error => done.TrySetResult(error), timeout ?? TimeSpan.FromSeconds(14));
        return done.Task;
    }

    public void Dispose() => Factory.Shutdown();
}
