using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading.Tasks;
using NLog.Targets.Loki.Testing;
using NLog.Targets.Loki.Tests.Support;
using NUnit.Framework;

namespace NLog.Targets.Loki.Tests.Hostile;

/// <summary>The same odd events in both formats are the same entries.</summary>
public sealed class FormatTests
{
    [Test]
    public async Task Both_formats_store_the_same_lines_labels_metadata_and_times()
    {
        var now = DateTime.UtcNow;
        var json = await StoredAsync(LokiFormat.Json, now);
        // A tick is given out once in a process.
        var protobuf = await StoredAsync(LokiFormat.Protobuf, now.AddTicks(1));
        Assert.That(json, Has.Count.EqualTo(256));
        Assert.That(protobuf, Is.EqualTo(json.Select(entry => entry with { TimestampNanoseconds = entry.TimestampNanoseconds + 100 })));
    }

    private static async Task<List<StoredEntry>> StoredAsync(LokiFormat format, DateTime now)
    {
        await using var server = await LokiTestServer.StartAsync(new() { Limits = new LokiLimits { MaxGlobalStreamsPerUser = 0 }.WithoutRates() });
        using var logging = Logging.To(server.Url, $"format=\"{format}\" maxLineBytes=\"500\" maxPropertyBytes=\"20\"",
            "<label name=\"part\" layout=\"${event-properties:part}\" />");
        for (var i = 0; i < 256; i++)
        {
            // Every event a tick that nothing moves, and a block of characters of its own; surrogates alone and in pairs are among them.
            var text = string.Concat(Enumerable.Range(i * 256, 256).Select(c => (char)c)) + "\uD83D\uDE00" + (char)(0xD800 + i) + "\\\"\n\0\u2028";
            var logEvent = new LogEventInfo(i % 2 == 0 ? LogLevel.Info : LogLevel.Error, "test", null, text, (object?[]?)null) { TimeStamp = now.AddTicks(i * 100_001L) };
            logEvent.Properties["part"] = text[(i % 250)..];
            logEvent.Properties["odd name \u00e9" + i] = text[5..];
            logEvent.Properties["empty"] = "";
            logEvent.Exception = i % 16 == 0 ? new InvalidOperationException(text) : null;
            logging.Logger().Log(logEvent);
        }

        Assert.That(await logging.FlushAsync(), Is.Null);
        Ledgers.AssertBalance(logging.Statistics, 256, 256);
        return server.Entries.OrderBy(entry => entry.TimestampNanoseconds).ToList();
    }
}
