using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading.Tasks;
using NLog.Targets.Loki.Testing;
using NLog.Targets.Loki.Tests.Support;
using NUnit.Framework;

namespace NLog.Targets.Loki.Tests.Hostile;

/// <summary>The frame of every test of hostile input: ordinary events before and after, and a server with Loki's own limits.</summary>
public abstract class NeighbourTests : ServerTests
{
    protected override LokiTestServerOptions Options => new() { Limits = new LokiLimits { MaxGlobalStreamsPerUser = 0 }.WithoutRates(), KeepBodies = true };

    /// <summary>
    /// Logs ordinary events around what <paramref name="hostile"/> logs, which says how many events that were; all of them are
    /// stored, nothing is refused, and the stored entries between the neighbours are returned by time.
    /// </summary>
    internal async Task<IReadOnlyList<StoredEntry>> StoredAsync(Logging logging, Func<Logger, int> hostile)
    {
        var events = LogBetweenNeighbours(logging, hostile);
        Assert.That(await logging.FlushAsync(), Is.Null);
        Assert.That(Server.Pushes.Select(push => push.Status), Is.All.EqualTo(204), Server.Pushes.LastOrDefault(push => push.Status != 204)?.Answer);
        Assert.That(Server.EntryCount, Is.EqualTo(events + 2));
        Ledgers.AssertBalance(logging.Statistics, events + 2, events + 2);
        return StoredBetweenNeighbours();
    }

    /// <summary>As above with one event.</summary>
    internal async Task<StoredEntry> StoredAsync(Logging logging, Action<Logger> hostile) =>
        (await StoredAsync(logging, logger =>
        {
            hostile(logger);
            return 1;
        })).Single();

    /// <summary>Logs only; the application must notice nothing.</summary>
    internal static int LogBetweenNeighbours(Logging logging, Func<Logger, int> hostile)
    {
        logging.Logger("neighbour").Info("before {number}", 1);
        var events = 0;
        Assert.DoesNotThrow(() => events = hostile(logging.Logger()));
        logging.Logger("neighbour").Info("after {number}", 2);
        return events;
    }

    /// <summary>The neighbours are stored unharmed; what else is stored is returned.</summary>
    internal IReadOnlyList<StoredEntry> StoredBetweenNeighbours()
    {
        var neighbours = Server.Entries.Where(IsNeighbour).ToList();
        Assert.That(neighbours, Has.Count.EqualTo(2));
        Assert.That(neighbours[0].Line, Does.Contain("before 1"));
        Assert.That(neighbours[1].Line, Does.Contain("after 2"));
        return Server.Entries.Where(entry => !IsNeighbour(entry)).ToList();
    }

    private static bool IsNeighbour(StoredEntry entry) => entry.Metadata.TryGetValue("logger", out var name) && name == "neighbour";
}
