using System.Collections.Generic;
using System.Diagnostics;
using System.Linq;
using System.Threading.Tasks;
using NLog.Targets.Loki.Tests.Support;
using NUnit.Framework;

namespace NLog.Targets.Loki.Tests.Rendering;

public sealed class TraceContextTests : ServerTests
{
    [Test]
    public async Task The_ids_are_those_of_the_activity_of_the_call_whatever_the_event_holds([Values] Wrapper wrapper)
    {
        using var logging = LoggingWith(wrapper);
        var expected = new List<string?>();
        using (var outer = Start(ActivityIdFormat.W3C))
        {
            Log(outer);
            using (var inner = Start(ActivityIdFormat.W3C))
                Log(inner);
            Log(outer);
        }

        Log(null);
        Assert.That(await logging.FlushAsync(), Is.Null);
        var stored = Server.Entries.OrderBy(entry => entry.TimestampNanoseconds).ToList();
        Assert.That(stored.Select(entry => entry.Metadata.GetValueOrDefault("trace_id") + entry.Metadata.GetValueOrDefault("span_id")), Is.EqualTo(expected));
        Assert.That(stored.Select(entry => entry.Metadata.GetValueOrDefault("value")).Distinct(), Is.EqualTo(new[] { null, "1", "m", "\u001F2\u001F" }));

        void Log(Activity? activity)
        {
            logging.Logger().Info("plain");
            logging.Logger().Info("{value}", 1);
            logging.Logger().Info("{value}", new PropertyOracle.Mutable("m"));
            logging.Logger().Info("{value}", new PropertyOracle.Mutable("\u001F2\u001F"));
            expected.AddRange(Enumerable.Repeat(activity is null ? "" : activity.TraceId.ToHexString() + activity.SpanId.ToHexString(), 4));
        }
    }

    [Test]
    public async Task An_activity_without_such_ids_leaves_none_and_hides_no_property([Values] Wrapper wrapper)
    {
        using var logging = LoggingWith(wrapper);
        using (Start(ActivityIdFormat.Hierarchical))
        {
            logging.Logger().Info("plain");
            logging.Logger().Info("{value}", new PropertyOracle.Mutable("m"));
        }

        Assert.That(await logging.FlushAsync(), Is.Null);
        Assert.That(Server.Entries.SelectMany(entry => entry.Metadata.Keys), Has.None.EqualTo("trace_id").And.None.EqualTo("span_id"));
        Assert.That(Server.Entries.Single(entry => entry.Line == "m").Metadata["value"], Is.EqualTo("m"));
    }

    private static Activity Start(ActivityIdFormat format) => new Activity("test").SetIdFormat(format).Start();

    private Logging LoggingWith(Wrapper wrapper)
    {
        var target = Logging.TargetXml(Server.Url, "layout=\"${message}\"");
        return wrapper switch
        {
            Wrapper.None => Logging.FromXml(target),
            Wrapper.Around => Logging.FromXml("<target type=\"BufferingWrapper\" name=\"loki\" bufferSize=\"1\">" + target.Replace("name=\"loki\"", "name=\"inner\"") + "</target>"),
            // NLog initialises this one before the target inside, and on its own thread nothing of the logging thread is left.
            _ => Logging.FromXml(target + "<target type=\"AsyncWrapper\" name=\"around\"><target-ref name=\"loki\" /></target>",
                rules: "<logger name=\"other\" writeTo=\"loki\" /><logger name=\"*\" writeTo=\"around\" />"),
        };
    }

    public enum Wrapper
    {
        None,
        Around,
        AroundAndInitialisedFirst,
    }
}
