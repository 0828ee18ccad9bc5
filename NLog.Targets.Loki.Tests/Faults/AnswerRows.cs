using System;
using System.Collections.Generic;
using System.Linq;
using NLog.Targets.Loki.Testing;
using NUnit.Framework;

namespace NLog.Targets.Loki.Tests.Faults;

/// <summary>Statuses, redirects and bodies that a server or a proxy can answer (fault matrix, section 3.2).</summary>
internal static class AnswerRows
{
    private const string Evil = FaultScene.Token + "\r\n2026-01-01 12:00:00 Error forged\u001b[2J\u0000";

    public static IEnumerable<FaultRow> All =>
    [
        new("H1", "500 five times") { Provoke = scene => scene.Server.Faults.Respond(5, 500) },
        .. FaultRow.Each([502, 503, 504, 408, 425], status => new("H2", $"{status} twice") { Provoke = scene => scene.Server.Faults.Respond(2, status) }),
        .. FaultRow.Each([501, 505, 404, 405, 410, 415], status => new("H3", $"{status} for two minutes")
        {
            Provoke = scene => scene.Server.Faults.Respond(LokiFaults.Always, status),
            Lasts = TimeSpan.FromMinutes(2),
            MostRequests = 12,
            Says = "check endpoint",
        }),
        .. FaultRow.Each([401, 403], status => new("H13 S2", $"{status} for five minutes, then another token in the environment")
        {
            Provoke = scene => scene.Server.Faults.Add(new LokiFault { Status = status }, LokiFaults.Always, push => push.Headers["Authorization"] != "Bearer rotated"),
            Heal = _ => Environment.SetEnvironmentVariable(FaultScene.TokenVariable, "rotated"),
            Lasts = TimeSpan.FromMinutes(5),
            MostRequests = 20,
            MostResent = 14,
            MostSaid = 5,
            Says = "credentials refused",
            Also = scene => Assert.That(scene.Server.Pushes.Count(push => push.Fault is not null), Is.LessThanOrEqualTo(13), "one probe in half a minute"),
        }),
        .. FaultRow.Each([301, 302, 303, 307, 308], status => new("H14 R3", $"{status} to another host")
        {
            Provoke = scene => scene.Server.Faults.Respond(2, status, headers: [("Location", scene.Elsewhere.Url + "loki/api/v1/push")]),
            Lasts = TimeSpan.FromMinutes(2),
            Says = "redirects are never followed",
        }),
        new("H15 R3", "a redirect to itself")
        {
            Provoke = scene => scene.Server.Faults.Respond(LokiFaults.Always, 308, headers: [("Location", scene.Server.Url + "loki/api/v1/push")]),
            Lasts = TimeSpan.FromMinutes(2),
            MostRequests = 12,
        },
        new("H16 R16", "204 with a gigabyte")
        {
            Provoke = scene => scene.Server.Faults.Add(new LokiFault { Status = 204, Stores = true, BodyLength = 1L << 30 }, 2),
            MostResent = 0,
            LeastSaid = 0,
        },
        new("H16 R16", "500 with chunks without end")
        {
            Provoke = scene => scene.Server.Faults.Add(new LokiFault { Status = 500, BodyLength = LokiFault.Endless }, 2),
        },
        new("H17 R16", "500 with a gzip bomb")
        {
            Provoke = scene => scene.Server.Faults.Add(new LokiFault { Status = 500, BodyLength = 10L << 30, Gzip = true }, 2),
        },
        .. FaultRow.Each([500, 429, 401, 418, 422, 413, 200], status => new("H18 R17 R1", $"{status} with the token, line breaks and escapes")
        {
            Provoke = scene => scene.Server.Faults.Add(new LokiFault { Status = status, Stores = status == 200, Body = Evil, BodyLength = 1 << 20 }, 2),
            Lasts = TimeSpan.FromMinutes(1),
            // Nothing of a server's text is printed, so nothing of it need be escaped.
            Also = scene => Assert.That(string.Concat(scene.Said), Does.Not.Match("forged|\u001b|\0")),
        }),
    ];
}
