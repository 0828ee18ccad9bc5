using System;
using System.Runtime.InteropServices;
using System.Threading;

namespace NLog.Targets.Loki.Tests.Children;

/// <summary>What a host does with the signals that would end the process: it takes them, and goes on in its own time.</summary>
internal sealed class CancellingHost
{
    private int _taken;
    private PosixSignalRegistration[] _registrations = [];

    public int Taken => Volatile.Read(ref _taken);

    public void TakeSignals() => _registrations =
    [
        PosixSignalRegistration.Create(PosixSignal.SIGTERM, Take),
        PosixSignalRegistration.Create(PosixSignal.SIGINT, Take),
    ];

    public void TakeKeys() => Console.CancelKeyPress += (_, key) =>
    {
        key.Cancel = true;
        Interlocked.Increment(ref _taken);
    };

    public override string ToString() => $"taken={Taken} of {_registrations.Length}";

    private void Take(PosixSignalContext signal)
    {
        signal.Cancel = true;
        Interlocked.Increment(ref _taken);
    }
}
