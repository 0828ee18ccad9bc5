using System;
using NLog.Targets.Loki.Batching;
using NLog.Targets.Loki.Delivery;
using NLog.Targets.Loki.Diagnostics;
using NLog.Targets.Loki.Encoding;
using NLog.Targets.Loki.Integration;
using NLog.Targets.Loki.Tests.Support;
using NUnit.Framework;

namespace NLog.Targets.Loki.Tests.Delivery;

/// <summary>What a buffer cannot take is counted, also when it breaks in the middle, which nothing from outside can make it do.</summary>
[Category("Ledger")]
public sealed class BatchAccountingTests
{
    private static readonly StreamKey s_stream = new("", new LabelSet([new("app", "x")], PushFormat.Json));

    [Test]
    public void Of_a_block_in_which_the_buffer_fails_the_first_entries_are_held_and_the_others_lost()
    {
        // A stream without labels does not exist; memory that ends would end in the same way.
        var (statistics, buffer) = Take(s_stream, null!, s_stream);
        Ledgers.AssertBalance(statistics, 3, 0, dropped: 2, pending: 1);
        Assert.That((statistics.Buffered, statistics.CountOf(LokiDropReason.EncodeError)), Is.EqualTo((1, 2)));
        Assert.That(buffer.IsEmpty, Is.False);
    }

    [Test]
    public void Of_a_block_with_an_entry_that_fits_no_request_the_others_are_held()
    {
        var (statistics, _) = Take(s_stream, new StreamKey("", new LabelSet([new("app", new string('x', 2_000_000))], PushFormat.Json)), s_stream);
        Ledgers.AssertBalance(statistics, 3, 0, dropped: 1, pending: 2);
        Assert.That((statistics.Buffered, statistics.CountOf(LokiDropReason.OversizeEntry)), Is.EqualTo((2, 1)));
    }

    private static (LokiStatistics Statistics, DeliveryQueue Buffer) Take(params StreamKey[] streams)
    {
        using var target = new LokiTarget { Endpoint = "http://localhost" };
        var options = new OptionsReader(target, _ => null).Read(false).Batch;
        var ledger = new Ledger();
        var counts = new TestCounts();
        var arrivals = ledger.Open(counts);
        var block = new EntryBlock();
        foreach (var stream in streams)
        {
            counts.Entered++;
            block.Add(stream, "[\"1\",\"line\"]"u8, 1);
        }

        var buffer = new DeliveryQueue();
        new BatchAccounting(ledger, new Notices("test", TimeProvider.System)).Take(block, arrivals, buffer, TimeSpan.Zero, options, options.MaxBodyBytes);
        return (ledger.Snapshot(), buffer);
    }
}
