using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using NLog.Targets.Loki.Tests.Support;
using NUnit.Framework;

namespace NLog.Targets.Loki.Tests.Rendering;

/// <summary>An event that another target reads in a thread of its own while it is handed over.</summary>
public sealed class SharedEventTests : ServerTests
{
    private const string Json = "<layout type=\"JsonLayout\" includeEventProperties=\"true\"><attribute name=\"m\" layout=\"${message}\" /></layout>";

    [TestCase("layout=\"${message}\"", "", "1.5 2", "1.5")]
    [TestCase("includeEventProperties=\"false\"", Json, "{\"m\":\"1.5 2\",\"a\":1.5,\"b\":2}", null)]
    [TestCase("layout=\"${event-properties:a}\"", "", "1.5", "1.5")]
    [TestCase("layout=\"${message}\" includeEventProperties=\"false\" labelPropertyPrefix=\"l_\"", "", "1.5 2", null)]
    public async Task Properties_that_another_thread_is_about_to_fill_are_not_missed(string attributes, string children, string line, string? metadata)
    {
        using var culture = new StandingCulture();
        using var logging = Logging.To(Server.Url, attributes, children);
        var isLabel = attributes.Contains("labelPropertyPrefix", StringComparison.Ordinal);
        var logEvent = LogEventInfo.Create(LogLevel.Info, "test", culture, isLabel ? "{l_a} {b}" : "{a} {b}", new object[] { 1.5, 2 });
        logEvent.MessageFormatter = TemplateFormatter();
        // NLog shows the properties to everybody before it has filled them, for which it formats the message.
        var reading = Task.Factory.StartNew(() => logEvent.Properties.Count, TaskCreationOptions.LongRunning);
        culture.Reached.Wait();
        // Past the logger, which would format the message in the thread of this test.
        logging.Target.WriteAsyncLogEvents(logEvent.WithContinuation(_ => { }));
        var flushed = await logging.FlushAsync();
        culture.Release();
        Assert.That(await reading, Is.EqualTo(2));
        Assert.That(flushed, Is.Null);
        var entry = Server.Entries.Single();
        Assert.That(entry.Line, Is.EqualTo(line));
        Assert.That(entry.Metadata.GetValueOrDefault("a"), Is.EqualTo(metadata));
        Assert.That(entry.Labels.GetValueOrDefault("a"), Is.EqualTo(isLabel ? "1.5" : null));
    }

    private static LogMessageFormatter TemplateFormatter()
    {
        var probe = LogEventInfo.Create(LogLevel.Info, "probe", "");
        var target = new MemoryTarget { Layout = "" };
        using var other = new LogFactory();
        other.Setup().LoadConfiguration(builder => builder.ForLogger().WriteTo(target).WriteTo(new MemoryTarget { Layout = "" }));
        other.GetLogger("probe").Log(probe);
        return probe.MessageFormatter;
    }

    /// <summary>Stops the first that formats with it until it is released.</summary>
    private sealed class StandingCulture : IFormatProvider, IDisposable
    {
        private readonly ManualResetEventSlim _released = new();
        private int _asked;

        public ManualResetEventSlim Reached { get; } = new();

        public void Release() => _released.Set();

        public object? GetFormat(Type? formatType)
        {
            if (Interlocked.Increment(ref _asked) == 1)
            {
                Reached.Set();
                _released.Wait();
            }

            return CultureInfo.InvariantCulture.GetFormat(formatType);
        }

        public void Dispose()
        {
            Reached.Dispose();
            _released.Dispose();
        }
    }
}
