using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Linq;
using System.Threading.Tasks;
using NLog.Targets.Loki.Testing;
using NLog.Targets.Loki.Tests.Support;
using NUnit.Framework;

namespace NLog.Targets.Loki.Tests.EndToEnd;

public sealed class FaultTests(ServedBy servedBy) : EndToEndTests(servedBy)
{
    private const int Lines = 50;

    // Short pauses, and flushes that end: behind a gate that is to stay closed for minutes, the next flush sends a probe.
    private const string Attributes = "requestTimeoutSeconds=\"1\" flushTimeoutSeconds=\"3\" retryDelayMilliseconds=\"20\" retryMaxDelayMilliseconds=\"100\"";

    private static IEnumerable<TestCaseData> Cases => FaultCase.All.Select(fault => new TestCaseData(fault).SetName($"{{m}}({fault.Name})").SetCategory(fault.Decision));

    [TestCaseSource(nameof(Cases))]
    public async Task Every_line_before_and_during_a_fault_arrives_once_or_is_counted(FaultCase fault)
    {
        using var logging = Logging.To(Server.Url, Attributes);
        logging.Logger().Info("before");
        Assert.That(await logging.FlushAsync(), Is.Null);
        Server.Faults.Add(fault.Fault);
        for (var i = 0; i < Lines; i++)
            logging.Logger().Info("line {number}", i);
        var watch = Stopwatch.StartNew();
        var flushes = 1;
        while (await logging.FlushAsync() is not null && logging.Statistics.Pending > 0 && flushes < 4)
            flushes++;
        TestContext.Out.WriteLine($"{flushes} flushes, {watch.Elapsed.TotalSeconds:F1} s, {logging.Statistics}");
        TestContext.Out.WriteLine(string.Join(", ", Server.Pushes.Select(push => push.Status)));

        var faulted = Server.Pushes.Single(push => push.Fault == fault.Fault);
        var lost = fault.End == FaultEnd.Arrives ? 0 : faulted.EntryCount;
        var rejected = fault.End == FaultEnd.Rejected ? lost : 0;
        Assert.That(lost, fault.End == FaultEnd.Arrives ? Is.Zero : Is.Positive);
        Assert.That(Server.Entries.Select(entry => entry.Metadata.GetValueOrDefault("number")), Is.Unique);
        Assert.That(Server.EntryCount, Is.EqualTo(1 + Lines - lost));
        Ledgers.AssertBalance(logging.Statistics, 1 + Lines, 1 + Lines - rejected, rejected: rejected);
        logging.Logger().Info("after");
        Assert.That(await logging.FlushAsync(), Is.Null);
        Assert.That(Server.EntryCount, Is.EqualTo(2 + Lines - lost), "the target goes on");
    }

    [Category("AnswerMisdirected")]
    [Category("H14")]
    [Category("H15")]
    [Category("R3")]
    [TestCase(301)]
    [TestCase(302)]
    [TestCase(303)]
    [TestCase(307)]
    [TestCase(308)]
    public async Task A_redirect_leads_no_byte_to_another_server_and_not_into_a_circle(int status)
    {
        await using var other = await LokiTestServer.StartAsync();
        using var logging = Logging.To(Server.Url, Attributes + " tenant=\"mine\" bearerToken=\"secret\"");
        foreach (var server in new[] { other, Server })
        {
            Server.Faults.Respond(1, status, headers: [("Location", new Uri(server.Url, "/loki/api/v1/push").ToString())]);
            logging.Logger().Info("line");
            Assert.That(await logging.FlushAsync(), Is.Not.Null);
            Assert.That(Server.Faults.Planned, Is.Zero);
        }

        Assert.That(await logging.FlushAsync(), Is.Null);
        Assert.That(other.ConnectionCount, Is.Zero);
        Assert.That(Server.Pushes.Select(push => push.Status), Is.EqualTo(new[] { status, status, 204 }).Or.EqualTo(new[] { status, status, 204, 204 }));
        Assert.That(Server.EntryCount, Is.EqualTo(2));
        Ledgers.AssertBalance(logging.Statistics, 2, 2);
    }

    [Category("Answer429")]
    [Test]
    public async Task A_rate_limit_of_one_tenant_holds_back_only_its_own_lines()
    {
        await using var server = await LokiTestServer.StartAsync(new LokiTestServerOptions { AuthEnabled = true });
        server.Faults.Add(new LokiFault { Status = 429, Body = "ingestion rate limit exceeded" }, LokiFaults.Always, push => push.Tenant == "a");
        using var limited = Logging.To(server.Url, Attributes + " tenant=\"a\"");
        using var other = Logging.To(server.Url, Attributes + " tenant=\"b\"");
        limited.Logger().Info("waits");
        Assert.That(await limited.FlushAsync(), Is.Not.Null);
        other.Logger().Info("goes on");
        Assert.That(await other.FlushAsync(), Is.Null);
        Assert.That(server.Entries.Select(entry => entry.Tenant), Is.EqualTo(new[] { "b" }));
        Assert.That(server.Faults.Fired, Is.Positive);
        Ledgers.AssertBalance(limited.Statistics, 1, 0, pending: 1);
        server.Faults.Clear();
        Assert.That(await limited.FlushAsync(), Is.Null);
        Ledgers.AssertBalance(limited.Statistics, 1, 1);
        Ledgers.AssertBalance(other.Statistics, 1, 1);
    }

    [Category("Answer429")]
    [Test]
    public async Task A_rate_limit_of_one_stream_holds_back_only_its_own_lines()
    {
        Server.Faults.Add(
            new LokiFault { Status = 429, Body = "Per stream rate limit exceeded (limit: 3MB/sec) while attempting to ingest for stream" },
            LokiFaults.Always,
            push => push.Streams.Any(labels => labels["level"] == "error"));
        using var logging = Logging.To(Server.Url, Attributes);
        logging.Logger().Error("waits");
        await Wait.UntilAsync(() => Server.Faults.Fired > 0, "a refused request");
        logging.Logger().Info("goes on");
        await Server.WaitForEntriesAsync(1, TimeSpan.FromSeconds(10));
        Assert.That(Server.Entries.Single().Line, Is.EqualTo("goes on"));
        Server.Faults.Clear();
        Assert.That(await logging.FlushAsync(), Is.Null);
        Assert.That(Server.EntryCount, Is.EqualTo(2));
        Ledgers.AssertBalance(logging.Statistics, 2, 2);
    }

    [Category("AnswerTooLarge")]
    [Category("H12")]
    [TestCase(LokiFaultEnding.KeepAlive)]
    [TestCase(LokiFaultEnding.Close)]
    public async Task A_proxy_that_refuses_large_requests_before_it_read_them_gets_smaller_ones(LokiFaultEnding ending)
    {
        Server.Faults.Add(
            new LokiFault { RequestBytes = 0, Status = 413, Ending = ending }, LokiFaults.Always, push => long.Parse(push.Headers["Content-Length"]) > 100_000);
        using var logging = Logging.To(Server.Url, Attributes + " compressionLevel=\"NoCompression\"");
        LogKilobytes(logging, 900);
        await FlushFullyAsync(logging);
        Assert.That(Server.Faults.Fired, Is.Positive);
        Assert.That(Server.EntryCount, Is.EqualTo(900));
        Assert.That(Server.PushCount, Is.LessThan(60));
        Ledgers.AssertBalance(logging.Statistics, 900, 900);
    }

    [Category("AnswerRetry")]
    [Category("N10")]
    [Test]
    public async Task A_link_that_is_too_slow_for_a_whole_batch_gets_smaller_ones()
    {
        Server.Faults.Add(new LokiFault { RequestBytesPerSecond = 200_000 }, LokiFaults.Always);
        using var logging = Logging.To(Server.Url, Attributes + " compressionLevel=\"NoCompression\"");
        LogKilobytes(logging, 300);
        await FlushFullyAsync(logging);
        Assert.That(Server.Pushes[0].CompressedBytes, Is.GreaterThan(200_000), "more than the link carries within the time-out");
        Assert.That(Server.EntryCount, Is.EqualTo(300));
        Ledgers.AssertBalance(logging.Statistics, 300, 300);
    }

    private static void LogKilobytes(Logging logging, int count)
    {
        for (var i = 0; i < count; i++)
            logging.Logger().Info("{number} {text}", i, new string('x', 450));
    }

    private async Task FlushFullyAsync(Logging logging)
    {
        for (var i = 0; i < 6 && await logging.FlushAsync() is not null; i++)
            TestContext.Out.WriteLine(logging.Statistics.ToString());
        TestContext.Out.WriteLine(string.Join(", ", Server.Pushes.Select(push => $"{push.Status} ({push.CompressedBytes})")));
    }
}
