using System;
using System.Collections.Generic;
using System.Linq;
using System.Net.Http;
using System.Threading.Tasks;
using NLog.Config;
using NLog.Targets.Loki.Integration;
using NLog.Targets.Loki.Testing;
using NLog.Targets.Loki.Tests.Support;
using NUnit.Framework;

namespace NLog.Targets.Loki.Tests.LifeCycle;

/// <summary>What each life-cycle test starts with: a server, a clock that stands still, and what NLog's internal log says.</summary>
[Category("LifeCycle")]
[NonParallelizable]
public abstract class LifeCycleScene
{
    private InternalLogLines _internalLog = null!;

    /// <summary>Whether the server keeps what it received, byte for byte.</summary>
    protected virtual bool KeepsBodies => false;

    protected LokiTestServer Server { get; private set; } = null!;

    private protected ManualTime Time { get; private set; } = null!;

    /// <summary>What the target said at Error of entries that a close left behind.</summary>
    protected IReadOnlyList<string> Summaries =>
        [.. InternalLog.Where(line => line.Contains("were not delivered when the target was closed", StringComparison.Ordinal))];

    protected IReadOnlyList<string> InternalLog => _internalLog.Lines;

    [SetUp]
    public async Task StartScene()
    {
        Time = new ManualTime();
        Server = await LokiTestServer.StartAsync(new LokiTestServerOptions { Clock = Time, KeepBodies = KeepsBodies });
        _internalLog = new InternalLogLines(LogLevel.Debug);
    }

    [TearDown]
    public async Task EndScene()
    {
        _internalLog.Dispose();
        await Server.DisposeAsync();
    }

    /// <summary>A target on the clock of the test, whose deadlines are those of a user who changes nothing, but for a request that may take long.</summary>
    private protected LokiTarget Target(HttpMessageHandler? http = null, Uri? endpoint = null) => new(Time, () => 0.5, http)
    {
        Name = "loki",
        Endpoint = (endpoint ?? Server.Url).ToString(),
        RequestTimeoutSeconds = 300,
        CompressionLevel = System.IO.Compression.CompressionLevel.NoCompression,
    };

    private protected static void Log(Logging logging, int count, LogLevel? level = null)
    {
        var logger = logging.Logger();
        for (var i = 0; i < count; i++)
            logger.Log(level ?? LogLevel.Info, "line {number}", i);
    }

    /// <summary>The configuration of a reload.</summary>
    private protected static LoggingConfiguration With(Logging logging, LokiTarget target)
    {
        var configuration = new LoggingConfiguration(logging.Factory);
        configuration.AddRuleForAllLevels(target);
        return configuration;
    }

    /// <summary>Begins a flush; NLog's own blocks its caller until it ends.</summary>
    private protected static Task<Exception?> Flushing(Logging logging) => Task.Run(() => logging.FlushAsync(TimeSpan.FromMinutes(1)));

    /// <summary>The closed instance has handed its queue over, and the deadline of its drain has begun.</summary>
    private protected static async Task HandedOver(Logging logging)
    {
        var account = AccountRegistry.Accounts(logging.Factory).Single();
        await Wait.UntilAsync(() => account.Closing != Task.CompletedTask, "a close");
        await account.Closing.WaitAsync(TimeSpan.FromSeconds(30));
    }

    /// <summary>Ends what a test leaves open: the deadlines of a shutdown stand on the test's clock.</summary>
    private protected async Task EndAsync(Logging logging)
    {
        var closing = Task.Run(logging.Dispose);
        await Wait.UntilAsync(
            () =>
            {
                if (!closing.IsCompleted)
                    Time.Advance(TimeSpan.FromSeconds(1));
                return closing.IsCompleted;
            },
            "the end of NLog", 60);
    }
}
