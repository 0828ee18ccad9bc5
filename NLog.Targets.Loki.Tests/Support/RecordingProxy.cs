using System;
using System.Collections.Concurrent;
using System.IO;
using System.Net;
using System.Net.Sockets;
using System.Threading;
using System.Threading.Tasks;

namespace NLog.Targets.Loki.Tests.Support;

/// <summary>An HTTP proxy that asks for credentials, opens tunnels for those who have any, and keeps the heads of what it was asked.</summary>
internal sealed class RecordingProxy : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stopped = new();

    public RecordingProxy()
    {
        _listener.Start();
        _ = AcceptAsync();
    }

    public Uri Url => new($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}/");

    public ConcurrentQueue<string> Heads { get; } = new();

    public void Dispose()
    {
        _stopped.Cancel();
        _listener.Dispose();
    }

    private static async Task<string> ReadHeadAsync(Stream stream, CancellationToken cancellation)
    {
        var head = new System.Text.StringBuilder();
        var one = new byte[1];
        while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal) && await stream.ReadAsync(one, cancellation) == 1)
            head.Append((char)one[0]);
        return head.ToString();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
                _ = ServeAsync(await _listener.AcceptTcpClientAsync(_stopped.Token));
        }
        catch (Exception stopped) when (stopped is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // Disposed.
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        try
        {
            using (client)
            {
                var near = client.GetStream();
                while (await ReadHeadAsync(near, _stopped.Token) is { Length: > 0 } head)
                {
                    Heads.Enqueue(head);
                    if (!head.Contains("Proxy-Authorization:", StringComparison.OrdinalIgnoreCase))
                    {
                        await near.WriteAsync("HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm=\"proxy\"\r\nContent-Length: 0\r\n\r\n"u8.ToArray(), _stopped.Token);
                        continue;
                    }

                    using var origin = new TcpClient();
                    var port = head.Split(' ')[1].Split(':')[1];
                    await origin.ConnectAsync(IPAddress.Loopback, int.Parse(port, System.Globalization.CultureInfo.InvariantCulture), _stopped.Token);
                    await near.WriteAsync("HTTP/1.1 200 Connection established\r\n\r\n"u8.ToArray(), _stopped.Token);
                    var far = origin.GetStream();
                    await Task.WhenAny(near.CopyToAsync(far, _stopped.Token), far.CopyToAsync(near, _stopped.Token));
                    return;
                }
            }
        }
        catch (Exception broken) when (broken is IOException or SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // Either side left.
        }
    }
}
