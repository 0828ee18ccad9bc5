using System;
using System.Globalization;
using NLog.Targets.Loki.Delivery;
using NUnit.Framework;

namespace NLog.Targets.Loki.Tests.Delivery;

/// <summary>A tenant that takes no structured metadata goes without for an hour, and no other does.</summary>
public sealed class MetadataPauseTests
{
    [Test]
    public void It_is_on_for_an_hour_and_for_its_tenant_alone()
    {
        var pause = new MetadataPause();
        Assert.That((pause.WasStarted, pause.IsOn("a", TimeSpan.Zero)), Is.EqualTo((false, false)));
        pause.Start("a", TimeSpan.FromHours(1));
        Assert.That((pause.WasStarted, pause.IsOn("a", TimeSpan.FromHours(1)), pause.IsOn("b", TimeSpan.FromHours(1))), Is.EqualTo((true, true, false)));
        Assert.That((pause.IsOn("a", TimeSpan.FromHours(2) - TimeSpan.FromTicks(1)), pause.IsOn("a", TimeSpan.FromHours(2))), Is.EqualTo((true, false)));
    }

    [Test]
    public void One_that_is_refused_again_begins_anew_and_leaves_others_as_they_are()
    {
        var pause = new MetadataPause();
        pause.Start("a", TimeSpan.Zero);
        pause.Start("b", TimeSpan.FromMinutes(30));
        pause.Start("a", TimeSpan.FromMinutes(59));
        Assert.That((pause.IsOn("a", TimeSpan.FromMinutes(118)), pause.IsOn("b", TimeSpan.FromMinutes(89)), pause.IsOn("b", TimeSpan.FromMinutes(90))), Is.EqualTo((true, true, false)));
    }

    [Test]
    public void Pauses_that_are_over_are_not_kept()
    {
        var pause = new MetadataPause();
        for (var i = 0; i < 1000; i++)
            pause.Start(i.ToString(CultureInfo.InvariantCulture), TimeSpan.FromMinutes(i));
        Assert.That(pause.Count, Is.EqualTo(60));
    }
}
