using System;
using System.Collections.Generic;
using NUnit.Framework;

namespace NLog.Targets.Loki.Tests.Faults;

/// <summary>What a clock can do while there is something to wait for (fault matrix, section 3.6).</summary>
internal static class ClockRows
{
    private static readonly TimeSpan s_twoDays = TimeSpan.FromDays(2);
    private static readonly TimeSpan s_hour = TimeSpan.FromHours(1);

    public static IEnumerable<FaultRow> All =>
    [
        Stepping("C1", "forward by two days", s_twoDays, hangs: false),
        Stepping("C1", "forward by two days", s_twoDays, hangs: true),
        Stepping("C1", "back by an hour", -s_hour, hangs: false),
        Stepping("C1", "back by an hour", -s_hour, hangs: true),
        new("C2", "fifty days of uptime, then an outage")
        {
            Provoke = scene =>
            {
                scene.Time.Advance(TimeSpan.FromDays(50));
                scene.Server.Faults.Respond(3, 503);
            },
            MostResent = 3,
            Also = scene => Assert.That(scene.Time.Elapsed, Is.LessThan(TimeSpan.FromDays(50) + TimeSpan.FromMinutes(1))),
        },
    ];

    private static FaultRow Stepping(string id, string what, TimeSpan by, bool hangs) => new(id, $"the wall clock steps {what} while {(hangs ? "a request hangs" : "requests fail")}")
    {
        Provoke = scene =>
        {
            // What the server makes of such times is its affair; here it takes them.
            scene.Server.Limits = scene.Server.Limits with { CreationGracePeriod = TimeSpan.FromDays(3), OutOfOrderWindow = TimeSpan.FromDays(7) };
            if (hangs)
                scene.Server.Faults.Hang(true);
            else
                scene.Server.Faults.Respond(4, 503);
            scene.Time.WallClockStep(by);
        },
        Heal = scene =>
        {
            scene.Server.Faults.Clear();
            scene.Time.WallClockStep(-by);
        },
        HasFired = scene => scene.Statistics.Errors > 1,
        Lasts = TimeSpan.FromSeconds(25),
        Hangs = hangs,
        InOrder = false,
        Also = scene => Assert.That(scene.Time.Elapsed, Is.LessThan(TimeSpan.FromMinutes(1)), "pauses and time-outs are those of a clock that does not step"),
    };
}
