using System;
using System.Globalization;
using System.Linq;
using NLog.Config;
using NLog.Targets.Loki.Tests.Support;
using NUnit.Framework;

namespace NLog.Targets.Loki.Tests.LifeCycle;

/// <summary>A deadline that is out of range is refused by name, and nothing that waits for it later falls over it.</summary>
[Category("Close")]
[NonParallelizable]
public sealed class RefusedDeadlineTests
{
    [TestCase("closeTimeoutSeconds", 100_000_000)]
    [TestCase("closeTimeoutSeconds", int.MaxValue)]
    [TestCase("closeTimeoutSeconds", -5)]
    [TestCase("flushTimeoutSeconds", 100_000_000)]
    [TestCase("requestTimeoutSeconds", 100_000_000)]
    public void A_refused_deadline_is_named_and_a_shutdown_returns(string setting, int seconds)
    {
        using var internalLog = new InternalLogLines(LogLevel.Warn);
        using var factory = new LogFactory();
        factory.Configuration = Logging.Parse(
            Logging.TargetXml(new Uri("http://127.0.0.1:1"), string.Create(CultureInfo.InvariantCulture, $"{setting}=\"{seconds}\"")), factory);
        var target = factory.Configuration.AllTargets.OfType<LokiTarget>().Single();
        Assert.That(internalLog.Lines, Has.Some.Contains("Loki target 'loki'").And.Some.Contains(setting));
        factory.GetLogger("test").Info("line");
        Assert.That(factory.Shutdown, Throws.Nothing);
        Ledgers.AssertBalance(target.Statistics, 1, 0, dropped: 1);
        Assert.That(target.Statistics.CountOf(LokiDropReason.Misconfigured), Is.EqualTo(1));
    }
}
