using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;
using System.Threading;

namespace NLog.Targets.Loki.Tests.Children;

/// <summary>What a host does with the signals that would end the process: it takes them, and goes on in its own time.</summary>
internal sealed class CancellingHost
{
    private readonly List<PosixSignalRegistration> _registrations = [];
    private int _taken;
    private int _over;

    /// <summary>Notes when all handlers of a signal are over, if it is called before any of them is registered: they are called last come, first served.</summary>
    public void Watch() => Register(_ => Interlocked.Increment(ref _over));

    public void TakeSignals() => Register(signal =>
    {
        signal.Cancel = true;
        Interlocked.Increment(ref _taken);
    });

    public void TakeKeys() => Console.CancelKeyPress += (_, key) =>
    {
        key.Cancel = true;
        Interlocked.Increment(ref _taken);
    };

    public override string ToString() => $"over={Volatile.Read(ref _over)} taken={Volatile.Read(ref _taken)}";

    private void Register(Action<PosixSignalContext> handler)
    {
        _registrations.Add(PosixSignalRegistration.Create(PosixSignal.SIGTERM, handler));
        _registrations.Add(PosixSignalRegistration.Create(PosixSignal.SIGINT, handler));
    }
}
