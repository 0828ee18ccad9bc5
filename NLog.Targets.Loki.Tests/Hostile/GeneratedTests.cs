using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading.Tasks;
using FsCheck;
using FsCheck.Fluent;
using NLog.Targets.Loki.Testing;
using NLog.Targets.Loki.Tests.Support;
using NUnit.Framework;

namespace NLog.Targets.Loki.Tests.Hostile;

/// <summary>Generated names, values, lines and times: each is stored once, as it is or as documented, and nothing is refused.</summary>
public sealed class GeneratedTests : NeighbourTests
{
    private const string Attributes = "labelPropertyPrefix=\"label_\" defaultLabels=\"false\" defaultMetadata=\"false\"";
    private const string SeedVariable = "HOSTILE_SEED";
    private const string Labels = "<label name=\"app\" layout=\"hostile\" /><label name=\"level\" layout=\"info\" /><label name=\"part\" layout=\"${event-properties:part}\" />";

    protected override LokiTestServerOptions Options => new()
    {
        Limits = new LokiLimits { MaxGlobalStreamsPerUser = 0, OutOfOrderWindow = TimeSpan.FromDays(30) }.WithoutRates(),
    };

    [Category("P5")]
    [Category("P8")]
    [Category("P9")]
    [Category("R12")]
    [Category("R13")]
    [TestCase(LokiFormat.Json, 3000)]
    [TestCase(LokiFormat.Protobuf, 1000)]
    public async Task Whatever_goes_in_is_read_back_as_documented(LokiFormat format, int count)
    {
        var events = Generate(count);
        using var logging = Logging.To(Server.Url, $"{Attributes} format=\"{format}\"", Labels);
        var now = DateTime.UtcNow;
        for (var id = 0; id < events.Length; id++)
        {
            events[id].Log(logging.Logger(), id, now);
            if (id % 500 == 0)
                await Wait.UntilAsync(() => logging.Statistics.Pending < 5000, "room");
        }

        Assert.That(await logging.FlushAsync(), Is.Null);
        AssertStored(logging, events.Length, id => events[id]);
        foreach (var entry in Server.Entries)
        {
            var wanted = (now - events[Id(entry)].Age - DateTime.UnixEpoch).Ticks * 100;
            Assert.That(entry.TimestampNanoseconds, Is.InRange(wanted, wanted + (100 * count)), Print(events[Id(entry)]));
        }
    }

    [TestCase(LokiFormat.Json, 100_000)]
    [TestCase(LokiFormat.Protobuf, 10_000)]
    public async Task Thousands_of_hostile_events_cost_no_refusal(LokiFormat format, int count)
    {
        var events = Generate(1000);
        using var logging = Logging.To(Server.Url, $"{Attributes} format=\"{format}\" bufferLimitBytes=\"268435456\"", Labels);
        var now = DateTime.UtcNow;
        for (var id = 0; id < count; id++)
        {
            events[id % events.Length].Log(logging.Logger(), id, now);
            if (id % 1000 == 0)
                await Wait.UntilAsync(() => logging.Statistics.Pending < 30_000, "room");
        }

        Assert.That(await logging.FlushAsync(), Is.Null);
        AssertStored(logging, count, id => events[id % events.Length]);
    }

    private static HostileEvent[] Generate(int count)
    {
        // The same events in every run, or nobody could repeat what failed elsewhere.
        var given = Environment.GetEnvironmentVariable(SeedVariable);
        var seed = string.IsNullOrEmpty(given) ? 20_260_401UL
            : given == "random" ? (ulong)Random.Shared.NextInt64(long.MaxValue)
            : ulong.Parse(given, System.Globalization.CultureInfo.InvariantCulture);
        TestContext.Out.WriteLine($"seed {seed}; others with {SeedVariable}=random, these again with {SeedVariable}={seed}");
        return Gen.Sample(HostileEvent.Any, 50, new Rnd(seed), count).ToArray();
    }

    private void AssertStored(Logging logging, int count, Func<int, HostileEvent> logged)
    {
        Assert.That(Server.Pushes.Where(push => push.Status != 204).Select(push => push.Status + " " + push.Answer), Is.Empty);
        Assert.That(Server.EntryCount, Is.EqualTo(count));
        Assert.That(Server.DuplicatesRefused, Is.Zero);
        Ledgers.AssertBalance(logging.Statistics, count, count);
        var seen = new HashSet<int>();
        var known = new Dictionary<HostileEvent, (string Line, Dictionary<string, string> Labels, Dictionary<string, string> Metadata)>(ReferenceEqualityComparer.Instance);
        foreach (var entry in Server.Entries)
        {
            var id = Id(entry);
            Assert.That(seen.Add(id), "stored twice: " + id);
            if (!known.TryGetValue(logged(id), out var wanted))
                known.Add(logged(id), wanted = logged(id).Stored());
            var (line, labels, metadata) = wanted;
            metadata["id"] = entry.Metadata["id"];
            if (entry.Line != line || !Same(entry.Labels, labels) || !Same(entry.Metadata.Where(pair => pair.Key != "detected_level").ToDictionary(), metadata))
                Assert.Fail($"logged {Print(logged(id))}\nstored {Escape(entry.ToString())}\nwanted {Escape(line)} {Print(labels)} {Print(metadata)}");
        }
    }

    private static int Id(StoredEntry entry) => int.Parse(entry.Metadata["id"], System.Globalization.CultureInfo.InvariantCulture);

    private static bool Same(IReadOnlyDictionary<string, string> stored, Dictionary<string, string> wanted) =>
        stored.Count == wanted.Count && wanted.All(pair => stored.TryGetValue(pair.Key, out var value) && value == pair.Value);

    private static string Print(HostileEvent hostile) => $"{Escape(hostile.Line)} part={Escape(hostile.Label)} {Print(hostile.Properties)} {hostile.Age}";

    private static string Print(IEnumerable<KeyValuePair<string, string>> pairs) => string.Join(", ", pairs.Select(pair => Escape(pair.Key) + "=" + Escape(pair.Value)));

    private static string Escape(string text) => string.Concat(text.Select(c => c is >= ' ' and <= '~' ? c.ToString() : $"\\u{(int)c:x4}"));
}
