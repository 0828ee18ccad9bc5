using System;
using System.Linq;
using NLog.Targets.Loki.Delivery;
using NUnit.Framework;

namespace NLog.Targets.Loki.Tests.Delivery;

/// <summary>A tenant that was told to slow down holds back no other, and a tenant that is quiet costs nothing.</summary>
public sealed class TenantGatesTests
{
    private static readonly TimeSpan s_pause = TimeSpan.FromSeconds(10);

    [Test]
    public void A_tenant_that_was_told_to_slow_down_sends_one_probe_after_its_pause_and_the_others_go_on()
    {
        var gates = new TenantGates();
        Fail(gates, "a");
        Assert.That((gates.CanSend("a", TimeSpan.FromSeconds(9)), gates.CanSend("b", TimeSpan.Zero)), Is.EqualTo((false, true)));
        Assert.That((gates.NotBefore("a"), gates.NotBefore("b")), Is.EqualTo(((TimeSpan?)s_pause, (TimeSpan?)TimeSpan.Zero)));
        Assert.That(gates.CanSend("a", s_pause), Is.True);

        var probe = gates.Begin("a");
        Assert.That(gates.CanSend("a", s_pause), Is.False, "one at a time");
        Assert.That(gates.NotBefore("a"), Is.Null, "the answer decides");
        gates.Of("a").Pass(probe);
        gates.End("a");
        Assert.That(gates.CanSend("a", s_pause), Is.True);
    }

    [Test]
    public void Any_number_of_requests_goes_while_nobody_objects()
    {
        var gates = new TenantGates();
        for (var i = 0; i < 32; i++)
        {
            Assert.That(gates.CanSend("a", TimeSpan.Zero), Is.True);
            gates.Begin("a");
        }

        Assert.That(gates.NotBefore("a"), Is.EqualTo(TimeSpan.Zero));
    }

    [Test]
    public void A_request_that_began_before_the_pause_neither_ends_nor_lengthens_it()
    {
        var gates = new TenantGates();
        var (first, second, third) = (gates.Begin("a"), gates.Begin("a"), gates.Begin("a"));
        gates.Of("a").Fail(first, _ => s_pause, TimeSpan.Zero);
        gates.End("a");
        gates.Of("a").Pass(second);
        gates.End("a");
        gates.Of("a").Fail(third, _ => TimeSpan.FromHours(1), TimeSpan.Zero);
        gates.End("a");
        Assert.That((gates.CanSend("a", TimeSpan.FromSeconds(9)), gates.CanSend("a", s_pause)), Is.EqualTo((false, true)));
    }

    [Test]
    public void A_flush_ends_the_pauses_of_all()
    {
        var gates = new TenantGates();
        Fail(gates, "a");
        Fail(gates, "b");
        gates.EndPause();
        Assert.That(gates.CanSend("a", TimeSpan.Zero) && gates.CanSend("b", TimeSpan.Zero));
    }

    [Test]
    public void Nothing_is_kept_of_tenants_whose_requests_are_over_and_that_may_send()
    {
        var gates = new TenantGates();
        foreach (var tenant in Enumerable.Range(0, 10_000).Select(i => $"tenant {i}"))
        {
            gates.Begin(tenant);
            gates.Begin(tenant);
            Assert.That(gates.Count, Is.EqualTo(1));
            gates.End(tenant);
            Assert.That(gates.Count, Is.EqualTo(1), "one is under way");
            gates.End(tenant);
        }

        Assert.That(gates.Count, Is.Zero);
        Fail(gates, "a");
        Assert.That(gates.Count, Is.EqualTo(1));
        var probe = gates.Begin("a");
        gates.Of("a").Pass(probe);
        gates.End("a");
        Assert.That(gates.Count, Is.Zero);
    }

    private static void Fail(TenantGates gates, string tenant)
    {
        var generation = gates.Begin(tenant);
        gates.Of(tenant).Fail(generation, _ => s_pause, TimeSpan.Zero);
        gates.End(tenant);
    }
}
