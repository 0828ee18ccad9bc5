using System;
using System.Collections.Generic;
using System.Linq;
using FsCheck;
using FsCheck.Fluent;

namespace NLog.Targets.Loki.Tests.Hostile;

/// <summary>One generated event: what goes in, and what docs/settings.md says is stored of it.</summary>
internal sealed record HostileEvent(string Line, string Label, IReadOnlyList<KeyValuePair<string, string>> Properties, TimeSpan Age)
{
    /// <summary>Texts of whatever UTF-16 allows, with a taste for what encoders get wrong.</summary>
    public static Gen<string> Text { get; } = Gen.Frequency(
        (1, Gen.Constant("")),
        (6, Characters(20)),
        (2, Characters(200)),
        (1, Gen.Elements("__x__", "_", "--", "\u65e5\u672c", "null", "\"", "{}", "a=\"b\"", "\r\n", "\0", "\uFEFF", "\uD800", "\uDC00\uD800", "${level}", "{a}", "1")),
        (1, Gen.Choose(1, 3).SelectMany(n => Gen.Elements('x', '\u00e9', '\u20ac', '\uD83D', '\uFFFD', '"', '\n').Select(c => new string(c, n * 1000)))));

    private static Gen<string> Name { get; } = Gen.Frequency((3, Text), (1, Text.Select(name => "label_" + name)));

    private static Gen<TimeSpan> AnyAge { get; } =
        Gen.Frequency((3, Gen.Constant(0)), (1, Gen.Choose(-500, 6 * 86_400))).Select(seconds => TimeSpan.FromSeconds(seconds));

    public static Gen<HostileEvent> Any { get; } =
        from line in Text
        from label in Text
        from count in Gen.Choose(0, 8)
        from names in Name.ListOf(count)
        from values in Text.ListOf(count)
        from age in AnyAge
        select new HostileEvent(line, label, Distinct(names, values), age);

    /// <summary>Logs the event with a number by which the stored entry is found.</summary>
    public void Log(Logger logger, int id, DateTime now)
    {
        var logEvent = new LogEventInfo(LogLevel.Info, "test", null, Line, (object?[]?)null) { TimeStamp = now - Age };
        logEvent.Properties["id"] = id;
        logEvent.Properties["part"] = Label;
        foreach (var (name, value) in Properties.Where(IsOwn))
            logEvent.Properties[name] = value;
        logger.Log(logEvent);
    }

    /// <summary>The stored line, labels and metadata but for the number, for a target with <c>labelPropertyPrefix="label_"</c> and the label <c>part</c>.</summary>
    public (string Line, Dictionary<string, string> Labels, Dictionary<string, string> Metadata) Stored()
    {
        var labels = new Dictionary<string, string> { ["app"] = "hostile", ["service_name"] = "hostile", ["level"] = "info" };
        if (Rewriting.LabelValue(Label) is { Length: > 0 } part)
            labels["part"] = part;
        var taken = new HashSet<string> { "app", "level", "part", "service_name", "instance", "job", "environment" };
        var beside = new List<KeyValuePair<string, string>>();
        var metadata = new List<KeyValuePair<string, string>> { new("id", "?"), new("part", Label) };
        foreach (var property in Properties.Where(IsOwn))
        {
            if (!property.Key.StartsWith("label_", StringComparison.Ordinal) || property.Key.Length == "label_".Length)
                metadata.Add(property);
            else if (!taken.Add(Rewriting.LabelName(property.Key["label_".Length..])))
                beside.Add(property);
            else if (Rewriting.LabelValue(property.Value) is { Length: > 0 } value)
                labels[Rewriting.LabelName(property.Key["label_".Length..])] = value;
        }

        return (Rewriting.Line(Line, 262_144), labels, Rewriting.Metadata(beside.Concat(metadata)));
    }

    private static List<KeyValuePair<string, string>> Distinct(IEnumerable<string> names, IEnumerable<string> values) =>
        names.Zip(values, KeyValuePair.Create).GroupBy(pair => pair.Key, (_, pairs) => pairs.First()).ToList();

    private static bool IsOwn(KeyValuePair<string, string> property) => property.Key is not ("id" or "part");

    private static Gen<string> Characters(int most) =>
        Gen.Choose(1, most).SelectMany(count => Gen.ListOf(
            Gen.Frequency(
                (4, Gen.Choose(0x20, 0x7E)),
                (2, Gen.Choose(0, 0x1F)),
                (2, Gen.Choose(0xD800, 0xDFFF)),
                (1, Gen.Elements(0x7F, 0x85, 0x2028, 0x2029, 0xFEFF, 0xFFFD, 0xFFFE, 0xFFFF)),
                (2, Gen.Choose(0, 0xFFFF))),
            count)).Select(codes => string.Concat(codes.Select(code => (char)code)));
}
