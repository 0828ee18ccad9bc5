using System;
using System.Linq;
using System.Threading.Tasks;
using NLog.Targets.Loki.Testing;
using NLog.Targets.Loki.Tests.Support;
using NUnit.Framework;

namespace NLog.Targets.Loki.Tests.Delivery;

/// <summary>With <c>format="Protobuf"</c>: refusals that take a batch apart, and a change of the format under way.</summary>
public sealed class ProtobufRefusalTests
{
    private const string Disallowed = "stream '{}' includes structured metadata, but this feature is disallowed. Please see `limits_config.allow_structured_metadata`";

    [Category("AnswerNoMetadata")]
    [Test]
    public async Task Where_metadata_is_switched_off_lines_arrive_without_it()
    {
        await using var server = await LokiTestServer.StartAsync(new() { Limits = new LokiLimits { AllowStructuredMetadata = false } });
        using var logging = Logging.To(server.Url, "format=\"Protobuf\"");
        for (var i = 0; i < 300; i++)
            logging.Logger().Info("line {number} \u00e9", i);
        Assert.That(await logging.FlushAsync(), Is.Null);
        logging.Logger().Info("after");
        Assert.That(await logging.FlushAsync(), Is.Null);
        Assert.That(server.Pushes[0].Answer, Does.Contain("feature is disallowed"));
        Assert.That(server.Entries.Select(entry => entry.Line), Is.EqualTo(Enumerable.Range(0, 300).Select(i => $"line {i} \u00e9").Append("after")));
        Assert.That(logging.Statistics.MetadataCut, Is.EqualTo(301));
        Ledgers.AssertBalance(logging.Statistics, 301, 301);
    }

    [Category("AnswerNoMetadata")]
    [Test]
    public async Task A_stripped_batch_that_is_too_large_is_split_all_the_same()
    {
        await using var server = await LokiTestServer.StartAsync();
        server.Faults.Respond(1, 400, Disallowed);
        server.Faults.Respond(1, 413);
        using var logging = Logging.To(server.Url, "format=\"Protobuf\"");
        for (var i = 0; i < 100; i++)
            logging.Logger().Info("line {number}", i);
        Assert.That(await logging.FlushAsync(), Is.Null);
        Assert.That(server.Pushes.Select(push => push.Status), Is.SupersetOf(new[] { 400, 413 }));
        Assert.That(server.Entries.OrderBy(entry => entry.TimestampNanoseconds).Select(entry => entry.Line), Is.EqualTo(Enumerable.Range(0, 100).Select(i => $"line {i}")));
        Assert.That(server.Entries.Any(entry => entry.Metadata.ContainsKey("number")), Is.False);
        Ledgers.AssertBalance(logging.Statistics, 100, 100);
    }

    [Category("Answer400")]
    [Test]
    public async Task Entries_that_are_too_old_are_counted_and_cost_none_of_their_neighbours()
    {
        await using var server = await LokiTestServer.StartAsync();
        using var logging = Logging.To(server.Url, "format=\"Protobuf\"");
        var now = DateTime.UtcNow;
        for (var i = 0; i < 500; i++)
            logging.Logger().Log(new LogEventInfo(LogLevel.Info, "test", "line " + i) { TimeStamp = now.AddDays(i % 100 == 7 ? -8 : 0) });
        await logging.FlushAsync();
        Assert.That(server.Entries.Select(entry => entry.Line), Is.EquivalentTo(Enumerable.Range(0, 500).Where(i => i % 100 != 7).Select(i => "line " + i)));
        Assert.That(logging.Statistics.CountOf(LokiDropReason.TooOld), Is.EqualTo(5));
        Ledgers.AssertBalance(logging.Statistics, 500, 495, rejected: 5);
    }

    [Category("Answer400")]
    [Test]
    public async Task A_line_that_Loki_does_not_take_is_found_by_halves_and_costs_none_of_its_neighbours()
    {
        // A limit that the target does not know; the text is hidden, as a gateway may do.
        await using var server = await LokiTestServer.StartAsync(new() { Limits = new LokiLimits { MaxLineSize = 1000 }, KeepBodies = true });
        server.Faults.Add(new LokiFault { Status = 400, Body = "no" }, LokiFaults.Always, push => long.Parse(push.Headers["Content-Length"]) > 1500);
        using var logging = Logging.To(server.Url, "format=\"Protobuf\"");
        var random = new Random(1);
        for (var i = 0; i < 200; i++)
            logging.Logger().Info(i == 77 ? new string(Enumerable.Range(0, 4000).Select(_ => (char)random.Next(' ', '~')).ToArray()) : "line " + i);
        await logging.FlushAsync();
        Assert.That(server.Entries.OrderBy(entry => entry.TimestampNanoseconds).Select(entry => entry.Line), Is.EqualTo(Enumerable.Range(0, 200).Where(i => i != 77).Select(i => "line " + i)));
        Assert.That(logging.Statistics.CountOf(LokiDropReason.Rejected), Is.EqualTo(1));
        Ledgers.AssertBalance(logging.Statistics, 200, 199, rejected: 1);
    }

    [Category("AnswerRetry")]
    [Test]
    public async Task A_retry_sends_the_same_bytes()
    {
        await using var server = await LokiTestServer.StartAsync(new() { KeepBodies = true });
        server.Faults.Respond(2, 503);
        using var logging = Logging.To(server.Url, "format=\"Protobuf\" retryDelayMilliseconds=\"10\"");
        for (var i = 0; i < 100; i++)
            logging.Logger().Info("line {number}", i);
        Assert.That(await logging.FlushAsync(), Is.Null);
        Assert.That(server.Pushes, Has.Count.EqualTo(3));
        Assert.That(server.Pushes.Select(push => push.Body.ToArray()), Is.All.EqualTo(server.Pushes[0].Body.ToArray()));
        Ledgers.AssertBalance(logging.Statistics, 100, 100);
    }

    [Test]
    public async Task A_reload_to_another_format_goes_on_with_the_buffer_and_keeps_the_order()
    {
        await using var server = await LokiTestServer.StartAsync();
        using var logging = Logging.To(server.Url, "retryDelayMilliseconds=\"10\"");
        server.Faults.Respond(LokiFaults.Always, 503);
        for (var i = 0; i < 400; i++)
        {
            if (i % 100 == 50)
                logging.Reload(Logging.TargetXml(server.Url, $"retryDelayMilliseconds=\"10\" format=\"{(i % 200 == 50 ? "Protobuf" : "Json")}\""));
            logging.Logger().Info("line {number}", i);
        }

        await Wait.UntilAsync(() => server.Faults.Fired > 0, "a refused push");
        server.Faults.Clear();
        Assert.That(await logging.FlushAsync(), Is.Null);
        Assert.That(server.Entries.Select(entry => entry.Metadata["number"]), Is.EqualTo(Enumerable.Range(0, 400).Select(i => $"{i}")), "one stream, in order");
        Assert.That(server.Pushes.Where(push => push.Status == 204).Select(push => push.Headers["Content-Type"]).Distinct(),
            Is.EquivalentTo(new[] { "application/json", "application/x-protobuf" }));
        Ledgers.AssertBalance(logging.Statistics, 400, 400);
    }
}
