using System;
using System.Collections.Generic;
using System.Net.Http;
using NLog.Targets.Loki.Contract;

namespace NLog.Targets.Loki.Connection;

/// <summary>The client in use, and those that a reload replaced until their requests are over.</summary>
internal sealed class ClientSlot
{
    private readonly HttpMessageHandler? _handler;
    private PushOptions _options;
    private readonly TimeProvider _time;
    private readonly List<LokiClient> _retired = new();

    public ClientSlot(PushOptions options, HttpMessageHandler? handler, TimeProvider time)
    {
        _handler = handler;
        _time = time;
        _options = options;
        Current = new LokiClient(options, handler, time);
    }

    /// <summary>The same for every client that it ever holds, but that a user who was not there yet may come.</summary>
    public Destination Destination => Destination.Of(_options);

    public LokiClient Current { get; private set; }

    public void Replace(PushOptions options, int inFlight)
    {
        _retired.Add(Current);
        _options = options;
        Current = new LokiClient(options, _handler, _time);
        DisposeRetired(inFlight);
    }

    /// <summary>What was replaced goes when no request is under way.</summary>
    public void DisposeRetired(int inFlight)
    {
        if (inFlight > 0)
            return;
        foreach (var client in _retired)
            client.Dispose();
        _retired.Clear();
    }

    public void Dispose()
    {
        DisposeRetired(0);
        Current.Dispose();
    }
}
