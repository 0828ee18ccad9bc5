using System.Collections.Generic;

namespace NLog.Targets.Loki.Tests.Faults;

/// <summary>Events whose times are the difficulty (fault matrix, section 3.3); the other rows of that section are in Hostile.</summary>
internal static class EventRows
{
    public static IEnumerable<FaultRow> All =>
    [
        new("P13", "ten thousand lines of one instant that differ in their metadata only")
        {
            Provoke = _ => { },
            HasFired = scene => scene.Server.EntryCount > 10_000,
            Events = 10_000,
            LeastSaid = 0,
            MostSaid = 0,
        },
        new("P14", "times that run backwards by up to fifty minutes")
        {
            Provoke = _ => { },
            HasFired = scene => scene.Server.EntryCount > 1000,
            Events = 1000,
            Shape = (logEvent, i) => logEvent.TimeStamp = logEvent.TimeStamp.AddSeconds(-3 * i),
            InOrder = false,
            LeastSaid = 0,
            MostSaid = 0,
        },
        new("P14", "a time in the past of every thousandth line and one of the future")
        {
            Provoke = _ => { },
            HasFired = scene => scene.Server.EntryCount > 1000,
            Events = 1000,
            Shape = (logEvent, i) => logEvent.TimeStamp = logEvent.TimeStamp.AddMinutes(i % 100 == 0 ? -i / 20 : i == 501 ? 5 : 0),
            InOrder = false,
            LeastSaid = 0,
            MostSaid = 0,
        },
    ];
}
