using System;
using System.Collections.Concurrent;
using System.IO;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Threading;
using System.Threading.Tasks;

namespace NLog.Targets.Loki.Tests.Support;

/// <summary>
/// A port before a server's own: it passes connections on, unwrapping TLS while it has a certificate, or does to them what a server
/// above TCP cannot.
/// </summary>
internal sealed class Front : IDisposable
{
    private readonly Uri _behind;
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stopped = new();
    private readonly ConcurrentDictionary<Socket, byte> _open = new();
    private int _accepted;

    public Front(Uri behind)
    {
        _behind = behind;
        _listener.Start();
        _ = AcceptAsync();
    }

    public Uri Url => new($"http://127.0.0.1:{Port}/");

    public Uri SecureUrl => new($"https://localhost:{Port}/");

    public FrontFault Fault { get; set; }

    /// <summary>What the front proves itself with; null for plain TCP.</summary>
    public X509Certificate2? Certificate { get; set; }

    public int Accepted => Volatile.Read(ref _accepted);

    private int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Resets the present connections.</summary>
    public void Break()
    {
        foreach (var socket in _open.Keys)
            Reset(socket);
    }

    public void Dispose()
    {
        _stopped.Cancel();
        _listener.Dispose();
        Break();
    }

    private static void Reset(Socket socket)
    {
        try
        {
            socket.LingerState = new LingerOption(true, 0);
            socket.Close();
        }
        catch (Exception broken) when (broken is SocketException or ObjectDisposedException)
        {
            // The other side was quicker.
        }
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var socket = await _listener.AcceptSocketAsync(_stopped.Token);
                Interlocked.Increment(ref _accepted);
                _open.TryAdd(socket, 0);
                _ = Task.Run(() => ServeAsync(socket));
            }
        }
        catch (Exception stopped) when (stopped is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // Disposed.
        }
    }

    private async Task ServeAsync(Socket socket)
    {
        try
        {
            if (Fault == FrontFault.Resets)
                return;
            if (Fault == FrontFault.IsMute)
                await Task.Delay(Timeout.Infinite, _stopped.Token);
            Stream near = new NetworkStream(socket);
            if (Certificate is { } certificate)
            {
                var tls = new SslStream(near);
                near = tls;
                await tls.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificate = certificate }, _stopped.Token);
            }

            using var server = new TcpClient { NoDelay = true };
            await server.ConnectAsync(_behind.Host, _behind.Port, _stopped.Token);
            var far = server.GetStream();
            await Task.WhenAny(near.CopyToAsync(far, _stopped.Token), far.CopyToAsync(near, _stopped.Token));
        }
        catch (Exception broken) when (broken is IOException or SocketException or OperationCanceledException or ObjectDisposedException or System.Security.Authentication.AuthenticationException)
        {
            // Either side left, or does not trust the other.
        }
        finally
        {
            _open.TryRemove(socket, out _);
            Reset(socket);
        }
    }
}
