using System.Reflection;
using NLog.Layouts;
using NUnit.Framework;

namespace NLog.Targets.Loki.Tests.Rendering;

/// <summary>What the target asks NLog for by name; without it an event costs more, and an update of NLog that loses it should be noticed.</summary>
public sealed class NLogMemberTests
{
    [Test]
    public void An_event_keeps_its_properties_in_a_field_that_is_null_until_they_are_asked_for()
    {
        var field = typeof(LogEventInfo).GetField("_properties", BindingFlags.Instance | BindingFlags.NonPublic);
        Assert.That(field, Is.Not.Null);
        var logEvent = LogEventInfo.Create(LogLevel.Info, "test", null, "{a}", new object[] { 1 });
        Assert.That(field!.GetValue(logEvent), Is.Null);
        logEvent.Properties["b"] = 2;
        Assert.That(field.GetValue(logEvent), Is.SameAs(logEvent.Properties));
    }

    [TestCase("ThreadAgnostic")]
    [TestCase("ThreadAgnosticImmutable")]
    public void A_layout_says_whether_it_can_be_rendered_later(string name) =>
        Assert.That(typeof(Layout).GetProperty(name, BindingFlags.Instance | BindingFlags.NonPublic)?.PropertyType, Is.EqualTo(typeof(bool)));
}
