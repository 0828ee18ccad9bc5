using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Net.Sockets;
using System.Threading;
using System.Threading.Tasks;

namespace NLog.Targets.Loki.Testing;

/// <summary>
/// A Grafana Loki inside the process, listening on 127.0.0.1: it takes pushes as JSON and as snappy protobuf by Loki's rules and
/// limits, stores them in memory and answers queries.
/// </summary>
public sealed class LokiTestServer : IAsyncDisposable, IDisposable
{
    private readonly ConcurrentDictionary<string, LokiLimits> _tenantLimits;
    private readonly Counters _counters = new();
    private readonly LogStore _store;
    private readonly Upstream? _upstream;
    private readonly Routes _routes;
    private readonly SemaphoreSlim _switching = new(1, 1);
    private volatile LokiLimits _limits;
    private Listener? _listener;
    private Socket? _reserved;

    private LokiTestServer(LokiTestServerOptions options)
    {
        _limits = options.Limits;
        _tenantLimits = new(options.TenantLimits);
        _store = new LogStore(options.Clock, options.LastStreamDecides, _counters);
        var distributor = new Distributor(
            options, tenant => _tenantLimits.TryGetValue(tenant, out var own) ? own : _limits, _store, _counters);
        _upstream = options.ForwardTo is { } other ? new Upstream(other, options.ForwardTenant) : null;
        _routes = new Routes(new PushRoute(options, Faults, distributor, _store, _upstream), new ReadRoutes(options, _store), _counters, options.Configuration);
        Url = new Uri("http://127.0.0.1/");
    }

    /// <summary>The server's address, which stays the same over stops and restarts.</summary>
    public Uri Url { get; private set; }

    /// <summary>Whether the server listens.</summary>
    public bool IsListening => Volatile.Read(ref _listener) is not null;

    /// <summary>How many connections were accepted since the last start or restart.</summary>
    public int ConnectionCount => Volatile.Read(ref _listener)?.ConnectionCount ?? 0;

    /// <summary>The faults the server commits on pushes.</summary>
    public LokiFaults Faults { get; } = new();

    /// <summary>The limits of tenants without their own; a change applies from the next push.</summary>
    public LokiLimits Limits
    {
        get => _limits;
        set => _limits = value ?? throw new ArgumentNullException(nameof(value));
    }

    /// <summary>Limits by tenant; a change applies from the next push.</summary>
    public IDictionary<string, LokiLimits> TenantLimits => _tenantLimits;

    /// <summary>What is stored, as a snapshot by time; entries of the same time in the order of arrival.</summary>
    public IReadOnlyList<StoredEntry> Entries => _store.Snapshot();

    /// <summary>How many entries are stored.</summary>
    public int EntryCount => _store.EntryCount;

    /// <summary>A snapshot of all pushes in the order they were answered.</summary>
    public IReadOnlyList<ReceivedPush> Pushes => _store.Pushes();

    /// <summary>How many pushes there were.</summary>
    public int PushCount => _store.PushCount;

    /// <summary>How many entries were not stored because the same entry was stored before.</summary>
    public long DuplicatesRefused => _store.Duplicates;

    /// <summary>Lines refused by reason, with the names of <c>loki_discarded_samples_total</c>.</summary>
    public IReadOnlyDictionary<string, long> Discarded => _counters.Discarded;

    /// <summary>Starts a server.</summary>
    /// <param name="options">How; the default is Loki's own limits on a free port, and one tenant for all: unlike Loki's, <see cref="LokiTestServerOptions.AuthEnabled"/> is off.</param>
    public static async Task<LokiTestServer> StartAsync(LokiTestServerOptions? options = null)
    {
        options ??= new LokiTestServerOptions();
        var server = new LokiTestServer(options);
        server._listener = await Listener.StartAsync(options.Port, server._routes).ConfigureAwait(false);
        server.Url = new Uri($"http://127.0.0.1:{server._listener.Port}/");
        return server;
    }

    /// <summary>Waits until that many entries are stored and their pushes noted.</summary>
    /// <param name="count">How many.</param>
    /// <param name="ceiling">The longest wait.</param>
    /// <exception cref="TimeoutException">The ceiling passed; the message says what there was.</exception>
    public Task WaitForEntriesAsync(int count, TimeSpan ceiling) => _store.WhenEntries(count, ceiling);

    /// <summary>Waits until that many pushes came, whatever was answered.</summary>
    /// <param name="count">How many.</param>
    /// <param name="ceiling">The longest wait.</param>
    /// <exception cref="TimeoutException">The ceiling passed; the message says what there was.</exception>
    public Task WaitForPushesAsync(int count, TimeSpan ceiling) => _store.WhenPushes(count, ceiling);

    /// <summary>Forgets entries, streams, pushes and counters; faults and limits stay.</summary>
    public void Clear()
    {
        _store.Clear();
        _counters.Clear();
    }

    /// <summary>
    /// Closes the present connections, unannounced: idle ones at once, the others after the answer that is under way. New ones are
    /// accepted as before.
    /// </summary>
    public void CloseIdleConnections() => Volatile.Read(ref _listener)?.CloseIdleConnections();

    /// <summary>Breaks all connections and refuses new ones; what was stored stays.</summary>
    public async Task StopAsync()
    {
        await _switching.WaitAsync().ConfigureAwait(false);
        try
        {
            if (_listener is { } listener)
            {
                Volatile.Write(ref _listener, null);
                await listener.StopAsync().ConfigureAwait(false);
                _reserved = Listener.Reserve(listener.Port);
            }
        }
        finally
        {
            _switching.Release();
        }
    }

    /// <summary>Listens again on the same port, after a stop.</summary>
    public async Task RestartAsync()
    {
        await _switching.WaitAsync().ConfigureAwait(false);
        try
        {
            if (_listener is null)
            {
                _reserved?.Dispose();
                _reserved = null;
                Volatile.Write(ref _listener, await Listener.StartAsync(Url.Port, _routes).ConfigureAwait(false));
            }
        }
        finally
        {
            _switching.Release();
        }
    }

    /// <summary>Breaks all connections and refuses new ones; what was stored stays.</summary>
    public void Stop() => Task.Run(StopAsync).GetAwaiter().GetResult();

    /// <summary>Listens again on the same port, after a stop.</summary>
    public void Restart() => Task.Run(RestartAsync).GetAwaiter().GetResult();

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await StopAsync().ConfigureAwait(false);
        _reserved?.Dispose();
        _reserved = null;
        _upstream?.Dispose();
    }

    /// <inheritdoc />
    public void Dispose()
    {
        Stop();
        _reserved?.Dispose();
        _reserved = null;
        _upstream?.Dispose();
    }
}
