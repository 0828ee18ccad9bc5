using System;
using System.IO;
using System.Threading.Tasks;
using NLog.Common;
using NLog.Targets.Loki.Testing;
using NLog.Targets.Loki.Tests.Support;
using NUnit.Framework;

namespace NLog.Targets.Loki.Tests.Diagnostics;

[NonParallelizable]
public sealed class SecretTests
{
    [TestCase("bearerToken=\"canary-token\"")]
    [TestCase("username=\"user\" password=\"canary-token\"")]
    [TestCase("proxyUrl=\"http://localhost:9\" proxyUser=\"user\" proxyPassword=\"canary-token\"")]
    public async Task A_secret_and_a_line_are_nowhere_in_the_internal_log_at_trace(string attributes)
    {
        await using var server = await LokiTestServer.StartAsync();
        using var said = new StringWriter();
        var level = InternalLogger.LogLevel;
        InternalLogger.LogWriter = TextWriter.Synchronized(said);
        InternalLogger.LogLevel = LogLevel.Trace;
        try
        {
            const string Header = "<header name=\"X-Key\" layout=\"canary-header\" />";
            server.Faults.Respond(1, 401);
            server.Faults.Respond(1, 400, "canary-token canary-line");
            using var logging = Logging.To(server.Url, attributes + " flushTimeoutSeconds=\"2\"", Header);
            logging.Logger().Info("canary-line");
            await logging.FlushAsync();
            logging.Reload(Logging.TargetXml(server.Url, attributes + " batchSize=\"7\"", Header));
            logging.Logger().Info("canary-line");
            Assert.That(logging.Statistics.ToString() + logging.Target, Does.Not.Contain("canary"));
            using var broken = new LogFactory { ThrowConfigExceptions = true };
            var error = Assert.Catch(() => broken.Configuration = Logging.Parse(Logging.TargetXml(server.Url, attributes + " batchSize=\"-1\"", Header), broken));
            Assert.That(error!.ToString(), Does.Not.Contain("canary"));
        }
        finally
        {
            InternalLogger.LogLevel = level;
            InternalLogger.LogWriter = null;
        }

        Assert.That(said.ToString(), Does.Contain("pushes to"), "the log was on");
        Assert.That(said.ToString(), Does.Not.Contain("canary"));
    }
}
