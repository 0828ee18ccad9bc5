using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Threading.Tasks;
using NLog.Targets.Loki.Tests.Support;
using NUnit.Framework;

namespace NLog.Targets.Loki.Tests.Faults;

/// <summary>A connection that never comes about costs connectTimeoutSeconds of real time, not the time-out of a request.</summary>
public sealed class ConnectTests : ServerTests
{
    [Test]
    [Category("N7")]
    public async Task A_host_that_drops_every_packet_costs_the_time_out_of_the_connection()
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen(0);
        var port = ((IPEndPoint)listener.LocalEndPoint!).Port;
        var waiting = new List<Socket>();
        try
        {
            // Linux lets one more wait than asked for, and drops the packets of the next ones.
            while (true)
            {
                waiting.Add(new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp));
                var connecting = waiting[^1].ConnectAsync(IPAddress.Loopback, port);
                if (await Task.WhenAny(connecting, Task.Delay(200)) != connecting)
                    break;
                Assert.That(waiting, Has.Count.LessThan(20), "a full backlog");
            }

            await AssertTimesOutAsync($"http://127.0.0.1:{port}");
        }
        finally
        {
            waiting.ForEach(socket => socket.Dispose());
        }
    }

    [Test]
    [Category("N21")]
    public async Task A_TLS_handshake_that_stalls_costs_the_time_out_of_the_connection()
    {
        using var front = new Front(Server.Url) { Fault = FrontFault.IsMute };
        await AssertTimesOutAsync(front.SecureUrl.ToString());
        Assert.That(front.Accepted, Is.Positive);
    }

    private async Task AssertTimesOutAsync(string endpoint)
    {
#if NETSTANDARD_ASSET
        // Its handler has no time-out of the connection; that of the request bounds it.
        const string TimeOut = "requestTimeoutSeconds=\"1\"";
#else
        const string TimeOut = "connectTimeoutSeconds=\"1\" requestTimeoutSeconds=\"60\"";
#endif
        using var logging = Logging.To(new Uri(endpoint), TimeOut + " closeTimeoutSeconds=\"1\" diagnostics=\"None\"");
        logging.Logger().Info("line");
        var watch = Stopwatch.StartNew();
        await Wait.UntilAsync(() => logging.Statistics.Errors > 0, "a failed request", ceilingSeconds: 15);
        Assert.That(watch.Elapsed.TotalSeconds, Is.InRange(0.9, 10));
        Ledgers.AssertBalance(logging.Statistics, 1, 0, pending: 1);

        // The address is put right: what waits for the old one is given up, and counted.
        logging.Reload(Logging.TargetXml(Server.Url));
        logging.Logger().Info("line");
        Assert.That(await logging.FlushAsync(), Is.Null);
        Assert.That(Server.EntryCount, Is.EqualTo(1), "the waiting line belongs to the old address");
        await Wait.UntilAsync(() => logging.Statistics.Pending == 0, "the old address is given up");
        Assert.That(logging.Statistics.CountOf(LokiDropReason.Closed), Is.EqualTo(1));
        Ledgers.AssertBalance(logging.Statistics, 2, 1, dropped: 1);
    }
}
