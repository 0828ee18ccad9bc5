using System;
using System.Collections.Concurrent;
using System.Linq;
using System.Net;
using System.Net.Sockets;
using System.Threading;
using System.Threading.Tasks;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace NLog.Targets.Loki.Testing;

/// <summary>
/// Kestrel on one port of 127.0.0.1. It runs without the generic host: that would read environment variables, take over
/// Ctrl+C and log to the console of the test run.
/// </summary>
internal sealed class Listener : IHttpApplication<HttpContext>
{
    private readonly Routes _routes;
    private readonly CancellationTokenSource _stopped = new();
    private readonly ConcurrentDictionary<Wire, byte> _wires = new();
    private readonly KestrelServer _server;
    private int _connectionCount;

    private Listener(int port, Routes routes)
    {
        _routes = routes;
        var options = new KestrelServerOptions { AddServerHeader = false };
        options.Limits.MaxRequestBodySize = null;
        options.Limits.MinRequestBodyDataRate = null;
        options.Limits.MinResponseDataRate = null;
        options.Limits.MaxRequestLineSize = 64 * 1024;
        options.Listen(IPAddress.Loopback, port, listen => listen.Use(next => connection => ServeAsync(connection, next)));
        _server = new KestrelServer(
            Options.Create(options),
            new SocketTransportFactory(Options.Create(new SocketTransportOptions()), NullLoggerFactory.Instance),
            NullLoggerFactory.Instance);
    }

    public int Port { get; private set; }

    public int ConnectionCount => Volatile.Read(ref _connectionCount);

    public static async Task<Listener> StartAsync(int port, Routes routes)
    {
        var listener = new Listener(port, routes);
        try
        {
            await listener._server.StartAsync(listener, CancellationToken.None).ConfigureAwait(false);
        }
        catch
        {
            listener._server.Dispose();
            throw;
        }

        var address = listener._server.Features.Get<IServerAddressesFeature>()!.Addresses.First();
        listener.Port = new Uri(address).Port;
        return listener;
    }

    public void CloseIdleConnections()
    {
        foreach (var wire in _wires.Keys)
        {
            wire.CloseWhenIdle();
        }
    }

    /// <summary>Breaks all connections and gives up the port.</summary>
    public async Task StopAsync()
    {
        await _stopped.CancelAsync().ConfigureAwait(false);
        using var now = new CancellationTokenSource();
        await now.CancelAsync().ConfigureAwait(false);
        await _server.StopAsync(now.Token).ConfigureAwait(false);
        _server.Dispose();
    }

    /// <summary>
    /// Keeps the port while nobody listens on it: bound without listening, connections are refused and no other socket is
    /// given the port meanwhile.
    /// </summary>
    public static Socket? Reserve(int port)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
            return socket;
        }
        catch (SocketException)
        {
            // Only a safeguard; without it the port is merely likely to stay free.
            socket.Dispose();
            return null;
        }
    }

    public HttpContext CreateContext(IFeatureCollection contextFeatures) => new DefaultHttpContext(contextFeatures);

    public async Task ProcessRequestAsync(HttpContext context)
    {
        context.Features.Get<Wire>()!.Begin();
        try
        {
            await _routes.HandleAsync(context, _stopped.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            context.Abort();
        }
    }

    /// <summary>The answer is out.</summary>
    public void DisposeContext(HttpContext context, Exception? exception) => context.Features.Get<Wire>()!.End();

    private async Task ServeAsync(ConnectionContext connection, ConnectionDelegate next)
    {
        Interlocked.Increment(ref _connectionCount);
        var transport = connection.Transport;
        var wire = new Wire(connection);
        connection.Transport = wire;
        connection.Features.Set(wire);
        _wires.TryAdd(wire, 0);
        try
        {
            await next(connection).ConfigureAwait(false);
        }
        finally
        {
            _wires.TryRemove(wire, out _);
            connection.Transport = transport;
        }
    }
}
