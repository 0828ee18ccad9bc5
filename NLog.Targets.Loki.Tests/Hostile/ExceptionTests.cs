using System;
using System.Collections;
using System.Diagnostics;
using System.Linq;
using System.Reflection;
using System.Threading;
using System.Threading.Tasks;
using NLog.Targets.Loki.Tests.Support;
using NUnit.Framework;

namespace NLog.Targets.Loki.Tests.Hostile;

/// <summary>Exceptions whose own members throw, or which are too large.</summary>
public sealed class ExceptionTests : NeighbourTests
{
    [Category("P1")]
    [Category("R15")]
    [Test]
    public async Task An_exception_whose_members_throw_is_stored_with_its_type()
    {
        using var logging = Logging.To(Server.Url);
        var entry = await StoredAsync(logging, logger => logger.Error(new Broken(), "it failed"));
        Assert.That(entry.Line, Does.StartWith("it failed"));
        Assert.That(entry.Metadata["exception_type"], Does.EndWith("Broken"));
        Assert.That(entry.Metadata["exception_message"], Is.EqualTo("<InvalidOperationException>"));
    }

    [TestCase("type,message,method,stacktrace,data,properties")]
    [TestCase("tostring,data")]
    public async Task Every_format_of_an_exception_whose_members_throw_leaves_the_line(string format)
    {
        using var logging = Logging.To(Server.Url, $"layout=\"${{message}}|${{exception:format={format}}}\"");
        var entry = await StoredAsync(logging, logger => logger.Error(new Broken(), "it failed"));
        Assert.That(entry.Line, Does.StartWith("it failed|"));
    }

    [Test]
    public async Task A_cycle_of_inner_exceptions_ends_where_the_layout_says()
    {
        // ${exception:format=toString} of one, as in the default layout, is Exception.ToString, which ends the process.
        using var logging = Logging.To(Server.Url, "layout=\"${message} ${exception:format=type,message:maxInnerExceptionLevel=20}\"");
        var outer = new InvalidOperationException("outer", new FormatException("inner"));
        typeof(Exception).GetField("_innerException", BindingFlags.Instance | BindingFlags.NonPublic)!.SetValue(outer.InnerException, outer);
        var entry = await StoredAsync(logging, logger => logger.Error(outer, "it failed"));
        Assert.That(entry.Line, Does.StartWith("it failed System.InvalidOperationException"));
        Assert.That(entry.Metadata["exception_message"], Is.EqualTo("outer"));
    }

    [Category("P2")]
    [Category("R14")]
    [Test]
    public async Task Huge_data_and_thousands_of_inner_exceptions_are_cut_to_the_longest_line()
    {
        using var logging = Logging.To(Server.Url, "layout=\"${message} ${exception:format=tostring,data}\"");
        var error = new AggregateException(Enumerable.Range(0, 5000).Select(i => new InvalidOperationException("number " + i)));
        for (var i = 0; i < 2000; i++)
            error.Data["key" + i] = new string('x', 1000);
        error.Data["self"] = error.Data;
        var entry = await StoredAsync(logging, logger => logger.Error(error, "it failed"));
        Assert.That(entry.Line, Does.StartWith("it failed").And.Length.EqualTo(262_144));
        Assert.That(entry.Metadata["exception_message"], Has.Length.EqualTo(10_240));
    }

    [Test]
    public async Task An_exception_among_the_properties_is_a_value_like_others()
    {
        using var logging = Logging.To(Server.Url);
        var entry = await StoredAsync(logging, logger => logger.Info("it failed: {error}", new Broken()));
        Assert.That(entry.Metadata["error"], Is.EqualTo("<InvalidOperationException>"));
    }

    [Category("P3")]
    [Category("R15")]
    [Test]
    public async Task An_exception_that_blocks_when_it_is_read_holds_up_no_thread_that_logs()
    {
        // A reload waits for a flush, which ends at its deadline.
        const string Attributes = "flushTimeoutSeconds=\"1\"";
        using var logging = Logging.To(Server.Url, Attributes);
        using var entered = new ManualResetEventSlim();
        using var release = new ManualResetEventSlim();
        logging.Logger("neighbour").Info("before {number}", 1);
        logging.Logger().Error(new Blocking(entered, release), "it failed");
        await Wait.UntilAsync(() => entered.IsSet, "the hand-over to be blocked");
        var watch = Stopwatch.StartNew();
        var old = logging.Target;
        logging.Logger().Info("while it blocks");
        logging.Reload(Logging.TargetXml(Server.Url, Attributes));
        // As a thread does that still holds the old target in the moment of the reload.
        old.WriteAsyncLogEvent(new LogEventInfo(LogLevel.Info, "test", "to the old target").WithContinuation(_ => { }));
        logging.Logger("neighbour").Info("after {number}", 2);
        Assert.That(watch.Elapsed.TotalSeconds, Is.LessThan(5));
        await Server.WaitForEntriesAsync(3, TimeSpan.FromSeconds(10));
        release.Set();
        await Server.WaitForEntriesAsync(5, TimeSpan.FromSeconds(10));
        Assert.That(await logging.FlushAsync(), Is.Null);
        Assert.That(StoredBetweenNeighbours().Select(entry => entry.Line.Split('\n')[0]), Is.EquivalentTo(new[] { "it failed", "while it blocks", "to the old target" }));
        Ledgers.AssertBalance(logging.Statistics, 5, 5);
    }

    private sealed class Blocking(ManualResetEventSlim entered, ManualResetEventSlim release) : Exception
    {
        public override string Message
        {
            get
            {
                entered.Set();
                release.Wait(TimeSpan.FromSeconds(20));
                return "slow";
            }
        }
    }

    private sealed class Broken : Exception
    {
        public override string Message => throw new InvalidOperationException("no message");

        public override string StackTrace => throw new InvalidOperationException("no stack");

        public override IDictionary Data => throw new InvalidOperationException("no data");

        public override string Source => throw new InvalidOperationException("no source");

        public override string ToString() => throw new InvalidOperationException("no text");
    }
}
