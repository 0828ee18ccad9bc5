using System;
using System.Reflection;
using NLog.Common;
using NLog.Layouts;
using NLog.Targets.Loki.Tests.Support;
using NLog.Targets.Wrappers;
using NUnit.Framework;

namespace NLog.Targets.Loki.Tests.Rendering;

/// <summary>What the target asks NLog for by name; without it an event costs more, and an update of NLog that loses it should be noticed.</summary>
public sealed class NLogMemberTests
{
    private const BindingFlags Any = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic;

    [Test]
    public void An_event_keeps_its_properties_in_a_field_that_is_null_until_they_are_asked_for()
    {
        var field = typeof(LogEventInfo).GetField("_properties", Any);
        Assert.That(field, Is.Not.Null);
        var logEvent = LogEventInfo.Create(LogLevel.Info, "test", null, "{a}", new object[] { 1 });
        Assert.That(field!.GetValue(logEvent), Is.Null);
        logEvent.Properties["b"] = 2;
        Assert.That(field.GetValue(logEvent), Is.SameAs(logEvent.Properties));
    }

    [TestCase("ThreadAgnostic")]
    [TestCase("ThreadAgnosticImmutable")]
    public void A_layout_says_whether_it_can_be_rendered_later(string name) =>
        Assert.That(typeof(Layout).GetProperty(name, Any)?.PropertyType, Is.EqualTo(typeof(bool)));

    [TestCase(false)]
    [TestCase(true)]
    public void The_queue_of_a_target_can_be_emptied_and_counted_and_says_what_it_discards(bool locking)
    {
        // NLog takes the queue that is asked for when it initialises the target.
        using var logging = Logging.With(new LokiTarget { Enabled = false, ForceLockingQueue = locking });
        var queue = typeof(AsyncTaskTarget).GetField("_requestQueue", Any)?.GetValue(logging.Target);
        Assert.That(queue?.GetType().Name, Is.EqualTo(locking ? "AsyncRequestQueue" : "ConcurrentRequestQueue"));
        var type = queue!.GetType();
        Assert.Multiple(() =>
        {
            Assert.That(type.GetMethod("DequeueBatch", Any, [typeof(int)])?.ReturnType, Is.EqualTo(typeof(AsyncLogEventInfo[])));
            Assert.That((type.GetProperty("Count", Any) ?? type.GetProperty("RequestCount", Any))?.PropertyType, Is.EqualTo(typeof(int)));
            Assert.That(type.GetEvent("LogEventDropped")?.EventHandlerType, Is.EqualTo(typeof(EventHandler<LogEventDroppedEventArgs>)));
        });
    }
}
