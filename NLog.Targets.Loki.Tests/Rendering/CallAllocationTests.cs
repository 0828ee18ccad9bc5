using System;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using NLog.Targets.Loki.Tests.Support;
using NUnit.Framework;

namespace NLog.Targets.Loki.Tests.Rendering;

/// <summary>A log call allocates nothing beyond what NLog itself does for a target that does nothing.</summary>
public sealed class CallAllocationTests : ServerTests
{
    private static readonly object s_boxed = 7;

    [TestCase("plain")]
    [TestCase("template")]
    [TestCase("template with properties in the line")]
    [TestCase("exception")]
    public async Task A_call_costs_the_thread_what_it_costs_without_this_target(string what)
    {
        var line = what.EndsWith("line", StringComparison.Ordinal) ? "${event-properties:b}${message}" : "${message}";
        using var logging = Logging.To(Server.Url, $"layout=\"{line}\"");
        using var idle = new LogFactory();
        idle.Setup().LoadConfiguration(builder => builder.ForLogger().WriteTo(new IdleTarget { Name = "idle", Layout = "${message}" }));
        var error = new InvalidOperationException();
        Action<Logger> log = what switch
        {
            "plain" => logger => logger.Info("plain"),
            "exception" => logger => logger.Error(error, "plain"),
            _ => logger => logger.Info("{a} {b}", "x", s_boxed),
        };
        // Until the first hand-over it is not known which culture messages are formatted with there.
        log(logging.Logger());
        Assert.That(await logging.FlushAsync(), Is.Null);
        var with = Typical(logging.Logger(), log);
        var without = Typical(idle.GetLogger("test"), log);
        Assert.That(await logging.FlushAsync(), Is.Null);
        Assert.That(with, Is.EqualTo(without));
    }

    // The median: now and then NLog's queue grows or its timer starts.
    private static long Typical(Logger logger, Action<Logger> log)
    {
        var bytes = new long[301];
        for (var i = 0; i < bytes.Length; i++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            log(logger);
            bytes[i] = GC.GetAllocatedBytesForCurrentThread() - before;
        }

        return bytes.Order().ElementAt(bytes.Length / 2);
    }

    private sealed class IdleTarget : AsyncTaskTarget
    {
        protected override Task WriteAsyncTask(LogEventInfo logEvent, CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
