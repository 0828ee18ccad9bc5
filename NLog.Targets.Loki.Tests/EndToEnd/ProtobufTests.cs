using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading.Tasks;
using NLog.Targets.Loki.Testing;
using NLog.Targets.Loki.Tests.Support;
using NUnit.Framework;

namespace NLog.Targets.Loki.Tests.EndToEnd;

/// <summary>Whole paths with <c>format="Protobuf"</c>, and what touches the bytes of a batch on the way.</summary>
public sealed class ProtobufTests(ServedBy servedBy) : EndToEndTests(servedBy)
{
    private const int Lines = 50;

    private const string Attributes =
        "format=\"Protobuf\" requestTimeoutSeconds=\"1\" flushTimeoutSeconds=\"3\" retryDelayMilliseconds=\"20\" retryMaxDelayMilliseconds=\"100\"";

    // One of each decision that sends a batch again, in parts or not at all; the rest is the same for both formats.
    private static readonly string[] s_faults = ["413", "400", "400 for the labels", "429", "500", "401", "404", "260", "stored, then 500"];

    /// <summary>One fault for each thing that can become of the bytes.</summary>
    internal static IEnumerable<FaultCase> Faults => FaultCase.All.Where(fault => s_faults.Contains(fault.Name));

    private static IEnumerable<TestCaseData> Cases => Faults
        .Select(fault => new TestCaseData(fault).SetName($"{{m}}({fault.Name})").SetCategory(fault.Decision));

    [Test]
    public async Task Ten_thousand_equal_lines_are_ten_thousand_lines_on_theServer_and_named_protobuf()
    {
        using var logging = Logging.To(Server.Url, "format=\"Protobuf\" compressionLevel=\"SmallestSize\"");
        for (var i = 0; i < 10_000; i++)
            logging.Logger().Info("the same");
        Assert.That(await logging.FlushAsync(), Is.Null);
        Assert.That(Server.EntryCount, Is.EqualTo(10_000));
        Assert.That(Server.DuplicatesRefused, Is.Zero);
        Assert.That(Server.Pushes.Select(push => push.Headers["Content-Type"]), Is.All.EqualTo("application/x-protobuf"));
        Assert.That(Server.Pushes.Any(push => push.Headers.ContainsKey("Content-Encoding")), Is.False, "whatever the level of compression");
        Assert.That(Server.Pushes.Sum(push => push.CompressedBytes), Is.EqualTo(logging.Statistics.BytesSent));
        Ledgers.AssertBalance(logging.Statistics, 10_000, 10_000);
    }

    [Test]
    public async Task No_body_is_larger_than_the_limit_and_hardly_one_smaller_than_it_could_be()
    {
        using var logging = Logging.To(Server.Url, "format=\"Protobuf\" maxBatchBytes=\"40000\" taskDelayMilliseconds=\"60000\"");
        for (var i = 0; i < 5000; i++)
            logging.Logger().Info("{number} {text}", i, new string('\u00e9', i * 31 % 200));
        Assert.That(await logging.FlushAsync(), Is.Null);
        Assert.That(Server.EntryCount, Is.EqualTo(5000));
        Assert.That(Server.Pushes.Select(push => push.UncompressedBytes), Is.All.LessThanOrEqualTo(40_000));
        Assert.That(Server.Pushes.Count(push => push.UncompressedBytes < 38_000), Is.LessThanOrEqualTo(1), "the last one");
        Ledgers.AssertBalance(logging.Statistics, 5000, 5000);
    }

    [TestCaseSource(nameof(Cases))]
    public async Task Every_line_during_a_fault_arrives_once_or_is_counted(FaultCase fault)
    {
        using var logging = Logging.To(Server.Url, Attributes);
        logging.Logger().Info("before");
        Assert.That(await logging.FlushAsync(), Is.Null);
        Server.Faults.Add(fault.Fault);
        for (var i = 0; i < Lines; i++)
            logging.Logger().Info("line {number}", i);
        for (var flushes = 0; flushes < 4 && await logging.FlushAsync() is not null && logging.Statistics.Pending > 0; flushes++)
            TestContext.Out.WriteLine(logging.Statistics.ToString());
        var lost = fault.End == FaultEnd.Arrives ? 0 : Server.Pushes.Single(push => push.Fault == fault.Fault).EntryCount;
        Assert.That(Server.Entries.Select(entry => entry.Metadata.GetValueOrDefault("number")), Is.Unique);
        Assert.That(Server.EntryCount, Is.EqualTo(1 + Lines - lost));
        Ledgers.AssertBalance(logging.Statistics, 1 + Lines, 1 + Lines - lost, rejected: lost);
    }

    [Category("AnswerTooLarge")]
    [Test]
    public async Task A_gateway_with_a_small_limit_gets_parts_with_every_line_in_order()
    {
        Server.Faults.Add(
            new LokiFault { RequestBytes = 0, Status = 413, Ending = LokiFaultEnding.Close }, LokiFaults.Always, push => long.Parse(push.Headers["Content-Length"]) > 3000);
        using var logging = Logging.To(Server.Url, Attributes);
        for (var i = 0; i < 1000; i++)
            logging.Logger().Info("{number} \u20ac {text}", i, Convert.ToBase64String(BitConverter.GetBytes(i * 0x1E3779B97F4A7C15L)));
        for (var i = 0; i < 6 && await logging.FlushAsync() is not null; i++)
            TestContext.Out.WriteLine(logging.Statistics.ToString());
        Assert.That(Server.Faults.Fired, Is.Positive);
        Assert.That(Server.Entries.OrderBy(entry => entry.TimestampNanoseconds).Select(entry => entry.Metadata["number"]), Is.EqualTo(Enumerable.Range(0, 1000).Select(i => $"{i}")));
        Ledgers.AssertBalance(logging.Statistics, 1000, 1000);
    }
}
