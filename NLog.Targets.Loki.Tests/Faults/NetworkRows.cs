using System;
using System.Collections.Generic;
using System.Linq;
using System.Net.Http;
using System.Net.Sockets;
using NLog.Targets.Loki.Testing;
using NLog.Targets.Loki.Tests.Support;

namespace NLog.Targets.Loki.Tests.Faults;

/// <summary>What becomes of connections before a request is on them (fault matrix, section 3.1).</summary>
internal static class NetworkRows
{
    public static IEnumerable<FaultRow> All =>
    [
        new("N1", "connections refused for ten minutes")
        {
            Provoke = scene => scene.Server.Stop(),
            Heal = scene => scene.Server.Restart(),
            HasFired = scene => scene.Statistics.Errors > 2,
            EventsPerSecond = 10,
            Lasts = TimeSpan.FromMinutes(10),
            Step = TimeSpan.FromSeconds(5),
            MostRequests = 40,
            MostResent = 30,
            MostSaid = 6,
            Says = "ConnectionRefused",
        },
        new("N2", "a server that starts after the application")
        {
            Before = 0,
            Provoke = scene => scene.Server.Stop(),
            Heal = scene => scene.Server.Restart(),
            HasFired = scene => scene.Statistics.Errors > 2,
            MostSaid = 1,
        },
        new("N3", "reset right after the connection is accepted")
        {
            Configure = (target, scene) => target.Endpoint = scene.Front.Url.ToString(),
            Provoke = scene =>
            {
                scene.Front.Fault = FrontFault.Resets;
                scene.Front.Break();
            },
            Heal = scene => scene.Front.Fault = FrontFault.None,
            HasFired = scene => scene.Front.Accepted > 2,
        },
        .. FaultRow.Each([0L, 1, 20, 100, 500, 1_000_000], cut => new("N4", $"reset after {cut} bytes of a request")
        {
            Provoke = scene => scene.Server.Faults.Add(new LokiFault { Stores = false, RequestBytes = cut, AnswerBytes = 0, Ending = LokiFaultEnding.Reset }, 2),
            MostResent = 2,
        }),
        .. FaultRow.Each([0L, 1, 9, 15, 20], cut => new("N5 H21", $"stored, then reset after {cut} bytes of the answer")
        {
            Provoke = scene => scene.Server.Faults.Add(new LokiFault { AnswerBytes = cut, Ending = LokiFaultEnding.Reset }, 3),
            HasFired = scene => scene.Server.DuplicatesRefused > 0,
            MostResent = 3,
            Also = ResentAreTheDuplicates,
        }),
        new("N11", "the server closes the connection that a request comes on")
        {
            Provoke = scene => scene.Server.Faults.Add(new LokiFault { RequestBytes = 0, AnswerBytes = 0, Ending = LokiFaultEnding.Close }),
            MostResent = 1,
        },
        new("N11", "the server has closed the idle connection")
        {
            Provoke = scene => scene.Server.CloseIdleConnections(),
            HasFired = scene => scene.Server.ConnectionCount > 1,
            MostResent = 2,
            LeastSaid = 0,
        },
        new("N12", "a name that does not resolve for a minute")
        {
            Configure = (target, _) => target.Endpoint = "http://loki.test",
            Handler = Resolving,
            Provoke = scene => (scene.Address, _) = (null, Forget(scene)),
            Heal = scene => scene.Address = scene.Server.Url,
            HasFired = scene => scene.Statistics.Errors > 2,
            Lasts = TimeSpan.FromMinutes(1),
            MostSaid = 4,
            Says = "HostNotFound",
        },
        new("N13", "a name that moves to another address")
        {
            Configure = (target, scene) => (target.Endpoint, scene.Address) = ("http://loki.test", scene.Front.Url),
            Handler = Resolving,
            Provoke = scene => (scene.Address, _) = (scene.Server.Url, Forget(scene)),
            HasFired = scene => scene.Front.Accepted > 0 && scene.Server.ConnectionCount > scene.Front.Accepted,
            LeastSaid = 0,
        },
    ];

    /// <summary>Every copy that the server got twice is one that the target says it sent again, and the other way round.</summary>
    public static void ResentAreTheDuplicates(FaultScene scene)
    {
        var stored = scene.Server.Pushes.Where(push => push.Fault is not null).ToList();
        NUnit.Framework.Assert.That(scene.Statistics.Resent, NUnit.Framework.Is.EqualTo(stored.Count));
        NUnit.Framework.Assert.That(scene.Server.DuplicatesRefused, NUnit.Framework.Is.EqualTo(stored.Sum(push => push.EntryCount)));
    }

    // The package's handler with a resolver that the row commands.
    private static SocketsHttpHandler Resolving(FaultScene scene)
    {
        var handler = Authority.OwnHandler();
        handler.ConnectCallback = async (_, cancellation) =>
        {
            var address = scene.Address ?? throw new SocketException((int)SocketError.HostNotFound);
            var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
            await socket.ConnectAsync(address.Host, address.Port, cancellation);
            return new NetworkStream(socket, ownsSocket: true);
        };
        return handler;
    }

    // Connections to the old address are gone with it.
    private static bool Forget(FaultScene scene)
    {
        scene.Front.Break();
        scene.Server.CloseIdleConnections();
        return true;
    }
}
