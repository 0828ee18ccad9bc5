using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using NLog.Targets.Loki.Batching;
using NLog.Targets.Loki.Contract;
using NLog.Targets.Loki.Delivery;
using NLog.Targets.Loki.Encoding;
using NUnit.Framework;

namespace NLog.Targets.Loki.Tests.Batching;

/// <summary>Streams of two tenants are two streams, whatever labels they have, and one stream is the same however its key was made.</summary>
public sealed class StreamKeyTests
{
    private static readonly BatchOptions s_options = new() { MaxEntries = 100, MaxBodyBytes = 100_000 };

    [Test]
    public void Tenant_and_labels_tell_streams_apart_and_the_format_does_not()
    {
        var key = new StreamKey("shop", Labels("x"));
        Assert.That(new StreamKey(new string("shop".ToCharArray()), Labels("x", PushFormat.Protobuf)), Is.EqualTo(key));
        Assert.That(new StreamKey("shop", Labels("x", PushFormat.Protobuf)).GetHashCode(), Is.EqualTo(key.GetHashCode()));
        foreach (var other in new[] { new StreamKey("bank", Labels("x")), new StreamKey("", Labels("x")), new StreamKey("SHOP", Labels("x")), new StreamKey("shop", Labels("y")) })
            Assert.That(other, Is.Not.EqualTo(key));
        Assert.That(key.Equals(null), Is.False);
    }

    [Test]
    public void A_thousand_tenants_with_equal_labels_do_not_share_a_hash()
    {
        var keys = Enumerable.Range(0, 1000).Select(i => new StreamKey("tenant" + i.ToString(CultureInfo.InvariantCulture), Labels("x")));
        Assert.That(keys.Select(key => key.GetHashCode()).Distinct().Count(), Is.GreaterThan(990));
    }

    [Test]
    public void A_batch_holds_entries_of_one_tenant_and_a_tenant_behind_its_gate_holds_back_no_other()
    {
        var queue = new DeliveryQueue();
        foreach (var tenant in new[] { "a", "b", "a", "b" })
            queue.Append(new StreamKey(tenant, Labels("x")), "[\"1\",\"line\"]"u8, 1, TimeSpan.Zero, s_options, s_options.MaxBodyBytes);
        queue.QueueDue(TimeSpan.Zero, TimeSpan.Zero, everything: true, oneAtLeast: false);

        var gates = new TenantGates();
        gates.Of(Begin(gates, "a")).Fail(0, _ => TimeSpan.FromSeconds(10), TimeSpan.Zero);
        gates.End("a");
        var first = queue.Take(TimeSpan.Zero, smallest: false, gates);
        Assert.That((first?.Batch.Stream.Tenant, first?.Batch.Count), Is.EqualTo(("b", 2)));
        Assert.That(queue.Take(TimeSpan.Zero, smallest: false, gates), Is.Null);
        Assert.That(queue.NextDue(TimeSpan.Zero, gates), Is.EqualTo(TimeSpan.FromSeconds(10)));
        var second = queue.Take(TimeSpan.FromSeconds(10), smallest: false, gates);
        Assert.That((second?.Batch.Stream.Tenant, second?.Batch.Count), Is.EqualTo(("a", 2)));
    }

    [Test]
    public void A_tenant_whose_probe_is_under_way_sets_no_timer()
    {
        var queue = new DeliveryQueue();
        queue.Append(new StreamKey("a", Labels("x")), "[\"1\",\"line\"]"u8, 1, TimeSpan.Zero, s_options, s_options.MaxBodyBytes);
        queue.QueueDue(TimeSpan.Zero, TimeSpan.Zero, everything: true, oneAtLeast: false);
        var gates = new TenantGates();
        gates.Of(Begin(gates, "a")).Fail(0, _ => TimeSpan.FromSeconds(10), TimeSpan.Zero);
        Assert.That(queue.NextDue(TimeSpan.Zero, gates), Is.Null, "or it would fire at once, again and again");
    }

    private static string Begin(TenantGates gates, string tenant)
    {
        gates.Begin(tenant);
        return tenant;
    }

    private static LabelSet Labels(string value, PushFormat? format = null) => new([KeyValuePair.Create("app", value)], format ?? PushFormat.Json);
}
