using System;
using System.Collections.Generic;
using System.IO.Pipelines;
using System.Net.Sockets;
using System.Threading;
using System.Threading.Tasks;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;

namespace NLog.Targets.Loki.Testing;

/// <summary>
/// One connection below Kestrel, for what Kestrel cannot say. A fault speaks on the socket itself; what Kestrel then writes as
/// the answer of the same request goes nowhere, and the connection can still serve the next one.
/// </summary>
internal sealed class Wire : PipeWriter, IDuplexPipe
{
    private readonly PipeWriter _kestrel;
    private readonly Socket _socket;
    private readonly object _gate = new();
    private byte[] _nowhere = [];
    private bool _isMuted;
    private bool _isBusy;
    private bool _closesWhenIdle;

    public Wire(ConnectionContext connection)
    {
        _socket = connection.Features.Get<IConnectionSocketFeature>()!.Socket;
        _kestrel = connection.Transport.Output;
        Input = connection.Transport.Input;
    }

    public PipeReader Input { get; }

    public PipeWriter Output => this;

    public override bool CanGetUnflushedBytes => _kestrel.CanGetUnflushedBytes;

    public override long UnflushedBytes => _kestrel.UnflushedBytes;

    public void Begin()
    {
        lock (_gate)
        {
            _isBusy = true;
        }
    }

    public void End()
    {
        _isMuted = false;
        lock (_gate)
        {
            _isBusy = false;
            if (!_closesWhenIdle)
            {
                return;
            }
        }

        Close();
    }

    public void CloseWhenIdle()
    {
        lock (_gate)
        {
            _closesWhenIdle = true;
            if (_isBusy)
            {
                return;
            }
        }

        Close();
    }

    /// <summary>Sends pieces until <paramref name="most"/> bytes went out, at so many bytes per second, and mutes Kestrel.</summary>
    public async Task SendAsync(IEnumerable<ReadOnlyMemory<byte>> pieces, long most, int bytesPerSecond, CancellationToken cancellation)
    {
        _isMuted = true;
        var step = bytesPerSecond == 0 ? int.MaxValue : Math.Max(1, bytesPerSecond / 100);
        foreach (var piece in pieces)
        {
            for (var rest = piece; !rest.IsEmpty;)
            {
                if (most == 0)
                {
                    return;
                }

                var length = (int)Math.Min(Math.Min(rest.Length, step), most);
                length = await _socket.SendAsync(rest[..length], SocketFlags.None, cancellation).ConfigureAwait(false);
                rest = rest[length..];
                most -= length;
                if (bytesPerSecond > 0)
                {
                    await Task.Delay(TimeSpan.FromSeconds((double)length / bytesPerSecond), cancellation).ConfigureAwait(false);
                }
            }
        }
    }

    /// <summary>Ends both directions; Kestrel sees the end of input and closes. Closing under its pending read would be a reset.</summary>
    public void Close()
    {
        try
        {
            _socket.Shutdown(SocketShutdown.Both);
        }
        catch (Exception gone) when (gone is SocketException or ObjectDisposedException)
        {
            // The client closed first.
        }
    }

    /// <summary>A time-out of zero makes the close an abortive one (RST).</summary>
    public void Reset() => _socket.Close(0);

    public override Memory<byte> GetMemory(int sizeHint = 0) => _isMuted ? Nowhere(sizeHint) : _kestrel.GetMemory(sizeHint);

    public override Span<byte> GetSpan(int sizeHint = 0) => _isMuted ? Nowhere(sizeHint) : _kestrel.GetSpan(sizeHint);

    public override void Advance(int bytes)
    {
        if (!_isMuted)
        {
            _kestrel.Advance(bytes);
        }
    }

    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default) =>
        _isMuted ? default : _kestrel.FlushAsync(cancellationToken);

    public override void CancelPendingFlush() => _kestrel.CancelPendingFlush();

    public override void Complete(Exception? exception = null) => _kestrel.Complete(exception);

    private byte[] Nowhere(int sizeHint) =>
        _nowhere.Length >= Math.Max(sizeHint, 1) ? _nowhere : _nowhere = new byte[Math.Max(sizeHint, 4096)];
}
