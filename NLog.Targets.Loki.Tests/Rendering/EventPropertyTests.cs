using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Threading.Tasks;
using Microsoft.Extensions.Logging;
using NLog.Config;
using NLog.Extensions.Logging;
using NLog.Targets.Loki.Tests.Support;
using NUnit.Framework;

namespace NLog.Targets.Loki.Tests.Rendering;

/// <summary>The metadata of an event is what enumerating its properties gives, by whichever way the target gets at them.</summary>
public sealed class EventPropertyTests : ServerTests
{
    private static readonly string[] s_own = { "logger", "level", "detected_level", "exception_type", "exception_message" };

    private static readonly Dictionary<string, Action<LogFactory>> s_calls = new()
    {
        ["immutable values"] = Each(logger => logger.Info("order {id} of {user} for {price} at {time}", 1, "u", 1.5m, DateTime.UnixEpoch), 3),
        ["other values each time"] = factory =>
        {
            for (var i = 0; i < 5; i++)
                factory.GetLogger("test").Info("order {id} of {user}", i, i % 2 == 0 ? "even" : null);
        },
        ["a value of another type each time"] = factory =>
        {
            foreach (var value in new object?[] { 1, "text", null, true, 'c', 1.5, new[] { 1, 2 }, new PropertyOracle.Mutable("m"), TimeSpan.FromSeconds(1), Guid.Empty, DayOfWeek.Friday, -3L, double.NaN, float.MaxValue, decimal.MinValue })
                factory.GetLogger("test").Info("value {value}", value);
        },
        ["mutable values"] = factory =>
        {
            var mutable = new PropertyOracle.Mutable("0");
            for (var i = 0; i < 3; i++)
            {
                factory.GetLogger("test").Info("order {id} of {user}", i, mutable);
                mutable.Text += "changed";
                factory.GetLogger("test").Info("order {id} of {user}", i, "known");
            }
        },
        ["a property of the name of a hole"] = factory =>
        {
            var logger = factory.GetLogger("test");
            logger.Info("order {id}", 1);
            logger.WithProperty("id", "set").Info("order {id}", 2);
            logger.WithProperty("ID", "set").Info("order {id}", 3);
            logger.Info("order {id}", 4);
        },
        ["properties besides the holes"] = factory =>
        {
            var logger = factory.GetLogger("test");
            logger.WithProperty("extra", 1).Info("order {id}", 1);
            logger.Info("order {id}", 2);
            logger.WithProperty("extra", new PropertyOracle.Mutable("m")).Info("order {id}", 3);
            logger.ForInfoEvent().Message("order {id}", 4).Property("more", 5).Log();
            logger.ForInfoEvent().Message("order {id}", 5).Log();
        },
        ["a name twice"] = Each(logger => logger.Info("{a} {a} {b} {a_1} {a}", 1, 2, 3, 4, 5), 3),
        ["captured and stringified"] = Each(logger => logger.Info("{@obj} {$x} {@list}", "o", 5, new[] { 1, 2 }), 3),
        ["captured and stringified immutable"] = Each(logger => logger.Info("{@obj} {$x}", 1, 5), 3),
        ["positional"] = Each(logger => logger.Info("{0} {1}", 1, "x"), 3),
        ["positional out of order"] = Each(logger => logger.Info("{1} {0}", 1, "x"), 3),
        ["positional with an object"] = Each(logger => logger.Info("{0} {1}", 1, new PropertyOracle.Mutable("m")), 3),
        ["mixed, a name first"] = Each(logger => logger.Info("{a} {0}", 1, "x"), 3),
        ["no hole"] = Each(logger => logger.Info("plain", 1, "x"), 3),
        ["more values than holes"] = Each(logger => logger.Info("{a}", 1, 2), 3),
        ["fewer values than holes"] = Each(logger => logger.Info("{a} {b}", 1), 3),
        ["now more, now fewer values"] = factory =>
        {
            foreach (var values in new[] { new object[] { 1, 2 }, new object[] { 1 }, new object[] { 1, 2, 3 }, new object[] { 3, 4 }, Array.Empty<object>() })
                factory.GetLogger("test").Info("{a} {b}", values);
        },
        ["only null"] = Each(logger => logger.Info("{a} {b}", null, null), 3),
        ["null among others"] = Each(logger => logger.Info("{a} {b} {c}", null, 2, null), 3),
        ["six values"] = Each(logger => logger.Info("{a} {b} {c} {d} {e} {f}", 1, 2, 3, 4, 5, 6), 3),
        ["twelve values"] = Each(logger => logger.Info("{a} {b} {c} {d} {e} {f} {g} {h} {i} {j} {k} {l}", 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12), 3),
        ["alignment and format"] = Each(logger => logger.Info("{a,5:D3} {b:0.00}|{{c}}", 1, 2.5), 3),
        ["another culture"] = factory =>
        {
            var logger = factory.GetLogger("test");
            logger.Info("{price}", 1.5);
            logger.Info(CultureInfo.GetCultureInfo("de-DE"), "{price}", 1.5);
            logger.Info(CultureInfo.GetCultureInfo("de-DE"), "{price} {n}", 1.5m, -1);
            logger.Info(CultureInfo.GetCultureInfo("sv-SE"), "{price} {n}", 1.5m, -1);
        },
        ["a format that fits only the later values"] = factory =>
        {
            foreach (var value in new object[] { 1.5, 42, 43 })
                factory.GetLogger("test").Info("order {id:D5}", value);
        },
        ["a first value without a text"] = factory =>
        {
            foreach (var value in new object[] { new PropertyOracle.Throwing(), 42, 43 })
                factory.GetLogger("test").Info("order {id}", value);
        },
        ["a formatter of its own"] = factory =>
        {
            for (var i = 0; i < 3; i++)
            {
                var logEvent = LogEventInfo.Create(LogLevel.Info, "test", null, "order {id}", new object[] { i });
                logEvent.MessageFormatter = Custom;
                factory.GetLogger("test").Log(logEvent);
                factory.GetLogger("test").Info("order {id}", i);
            }
        },
        ["a formatter that sets a property"] = factory =>
        {
            for (var i = 0; i < 3; i++)
            {
                var logEvent = LogEventInfo.Create(LogLevel.Info, "test", null, "order {id}", new object[] { i });
                logEvent.MessageFormatter = e =>
                {
                    e.Properties["seen"] = i;
                    return "formatted";
                };
                factory.GetLogger("test").Log(logEvent);
            }
        },
        ["templates that are parsed already"] = factory =>
        {
            for (var i = 0; i < 3; i++)
            {
                factory.GetLogger("test").Log(new LogEventInfo(LogLevel.Info, "test", "order {id}", new[] { new MessageTemplates.MessageTemplateParameter("id", i, null, MessageTemplates.CaptureType.Normal) }));
                factory.GetLogger("test").Info("order {id}", i);
            }
        },
        ["properties without a template"] = factory =>
        {
            var logEvent = LogEventInfo.Create(LogLevel.Info, "test", "plain");
            logEvent.Properties[17] = "number";
            logEvent.Properties["text"] = "value";
            factory.GetLogger("test").Log(logEvent);
        },
        ["a property that is removed again"] = factory =>
        {
            factory.GetLogger("test").Info("{a} {b}", 0, 0);
            var logEvent = LogEventInfo.Create(LogLevel.Info, "test", null, "{a} {b}", new object[] { 1, 2 });
            logEvent.Properties.Remove("a");
            factory.GetLogger("test").Log(logEvent);
        },
        ["Microsoft's logger"] = factory =>
        {
            using var provider = new NLogLoggerProvider(new NLogProviderOptions(), factory);
            var logger = provider.CreateLogger("test");
            for (var i = 0; i < 3; i++)
            {
                using (logger.BeginScope("scope {s}", i))
                    logger.LogInformation("order {id} of {user}", i, "u");
                logger.LogInformation(new EventId(7, "seven"), "order {id}", new PropertyOracle.Mutable("m"));
                logger.LogInformation("{0} {1}", i, 2);
                factory.GetLogger("test").Info("order {id} of {user}", i, "v");
            }
        },
        ["more templates than are kept"] = factory =>
        {
            for (var round = 0; round < 2; round++)
            {
                for (var i = 0; i < 1100; i++)
                    factory.GetLogger("test").Info("template " + i + " {a} {b" + i + "}", i, round);
            }
        },
        ["a template too long to be kept"] = Each(logger => logger.Info(new string('x', 2000) + "{a}", 1), 3),
    };

    private static IEnumerable<string> Names => s_calls.Keys;

    [Test]
    public async Task Metadata_is_what_the_properties_of_the_event_say([ValueSource(nameof(Names))] string call, [Values] Neighbour neighbour)
    {
        using var logging = LoggingWith(neighbour);
        s_calls[call](logging.Factory);
        await AssertSaidAsync(logging, s_calls[call]);
    }

    [Test]
    public async Task It_is_so_where_templates_are_not_parsed_or_always([Values] bool parse)
    {
        Action<LogFactory> log = factory =>
        {
            factory.Setup().SetupSerialization(serialization => serialization.ParseMessageTemplates(parse));
            // Not a number before a name: NLog itself finds properties in that only if the message is formatted before it is asked for them.
            foreach (var template in new[] { "{0} {1}", "{1} {0}", "{a} {b}", "{a} {0}", "plain" })
            {
                factory.GetLogger("test").Info(template, 1, "x");
                factory.GetLogger("test").Info(template, 2, null);
                factory.GetLogger("test").Info(template, 3, new PropertyOracle.Mutable("m"));
            }
        };
        using var logging = LoggingWith(Neighbour.None);
        log(logging.Factory);
        await AssertSaidAsync(logging, log);
    }

    [Test]
    public async Task An_event_object_that_is_changed_and_logged_again_shows_what_it_is_now()
    {
        using var logging = LoggingWith(Neighbour.None);
        var logEvent = LogEventInfo.Create(LogLevel.Info, "test", null, "{a} {b}", new object[] { 1, 2 });
        var changes = new Action[]
        {
            () => { },
            () => logEvent.Parameters = new object[] { 3, 4 },
            () => logEvent.Message = "{c} {d}",
            () => logEvent.Properties["e"] = 5,
            () => logEvent.Properties["c"] = 6,
            () => logEvent.Parameters = new object[] { 7, 8 },
        };
        foreach (var change in changes)
        {
            change();
            logging.Logger().Log(logEvent);
            Assert.That(await logging.FlushAsync(), Is.Null);
        }

        Assert.That(Stored(), Is.EqualTo(new[]
        {
            "1 2 | a=1 b=2", "3 4 | a=3 b=4", "3 4 | c=3 d=4", "3 4 | c=3 d=4 e=5", "3 4 | c=6 d=4 e=5", "7 8 | c=6 d=8 e=5",
        }));
    }

    public enum Neighbour
    {
        None,
        Before,
        Silent,
        After,
        Wrapper,
    }

    private static Action<LogFactory> Each(Action<Logger> log, int times) => factory =>
    {
        for (var i = 0; i < times; i++)
            log(factory.GetLogger("test"));
    };

    private static string Custom(LogEventInfo logEvent) => "custom " + logEvent.Parameters![0];

    private Logging LoggingWith(Neighbour neighbour)
    {
        const string Line = "layout=\"${message}\"";
        if (neighbour == Neighbour.Wrapper)
            return Logging.FromXml("<target type=\"BufferingWrapper\" name=\"loki\" bufferSize=\"1\">" + Logging.TargetXml(Server.Url, Line).Replace("name=\"loki\"", "name=\"inner\"") + "</target>");
        var logging = Logging.To(Server.Url, Line);
        if (neighbour != Neighbour.None)
        {
            var rules = logging.Factory.Configuration!.LoggingRules;
            rules.Insert(neighbour == Neighbour.Before ? 0 : rules.Count, new LoggingRule("*", LogLevel.Trace, new MemoryTarget("memory") { Layout = neighbour == Neighbour.Silent ? "${level}" : "${all-event-properties}" }));
            logging.Factory.ReconfigExistingLoggers();
        }

        return logging;
    }

    private async Task AssertSaidAsync(Logging logging, Action<LogFactory> log)
    {
        Assert.That(await logging.FlushAsync(), Is.Null);
        using var factory = new LogFactory();
        var oracle = new PropertyOracle();
        var configuration = new LoggingConfiguration(factory);
        configuration.AddRuleForAllLevels(oracle);
        factory.Configuration = configuration;
        log(factory);
        Assert.That(oracle.Said, Is.Not.Empty);
        Assert.That(Stored(), Is.EqualTo(oracle.Said));
    }

    private List<string> Stored() => Server.Entries.OrderBy(entry => entry.TimestampNanoseconds)
        .Select(entry => PropertyOracle.Text(entry.Line, entry.Metadata.Where(property => !s_own.Contains(property.Key)))).ToList();
}
