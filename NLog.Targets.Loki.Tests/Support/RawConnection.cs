using System;
using System.Net.Sockets;
using System.Text;
using System.Threading;
using System.Threading.Tasks;

namespace NLog.Targets.Loki.Tests.Support;

/// <summary>One connection to a server without an HTTP client: what goes over it byte for byte, and how it ended.</summary>
internal sealed class RawConnection : IDisposable
{
    private readonly TcpClient _client = new() { NoDelay = true };
    private readonly CancellationTokenSource _ceiling = new(TimeSpan.FromSeconds(20));

    private RawConnection()
    {
    }

    /// <summary>Whether reading ended with a reset and not with an orderly close.</summary>
    public bool WasReset { get; private set; }

    public static async Task<RawConnection> ToAsync(Uri server)
    {
        var connection = new RawConnection();
        await connection._client.ConnectAsync(server.Host, server.Port, connection._ceiling.Token);
        return connection;
    }

    /// <summary>The head of a push whose body will have this length.</summary>
    public static string Head(int bodyLength, string headers = "") =>
        $"POST /loki/api/v1/push HTTP/1.1\r\nHost: loki\r\nContent-Type: application/json\r\nContent-Length: {bodyLength}\r\n{headers}\r\n";

    public Task SendAsync(string text) => _client.GetStream().WriteAsync(System.Text.Encoding.Latin1.GetBytes(text), _ceiling.Token).AsTask();

    /// <summary>Sends a push of one line.</summary>
    public Task PushAsync(string headers = "")
    {
        var body = PlainPush.Json("line");
        return SendAsync(Head(body.Length, headers) + body);
    }

    /// <summary>How many bytes the server and the system in between take without anybody reading the answer.</summary>
    public async Task<long> SendUntilStuckAsync(long most, TimeSpan patience)
    {
        var piece = new byte[65536];
        long sent = 0;
        try
        {
            while (sent < most)
            {
                using var stuck = CancellationTokenSource.CreateLinkedTokenSource(_ceiling.Token);
                stuck.CancelAfter(patience);
                sent += await _client.Client.SendAsync(piece, SocketFlags.None, stuck.Token);
            }
        }
        catch (OperationCanceledException)
        {
            _ceiling.Token.ThrowIfCancellationRequested();
        }

        return sent;
    }

    /// <summary>Reads this many bytes, or fewer if the connection ends before.</summary>
    public async Task<string> ReadAsync(int length)
    {
        var text = new StringBuilder();
        var piece = new byte[65536];
        try
        {
            while (text.Length < length)
            {
                var read = await _client.GetStream().ReadAsync(piece.AsMemory(0, Math.Min(piece.Length, length - text.Length)), _ceiling.Token);
                if (read == 0)
                    break;
                text.Append(System.Text.Encoding.Latin1.GetString(piece, 0, read));
            }
        }
        catch (System.IO.IOException error) when (error.InnerException is SocketException { SocketErrorCode: SocketError.ConnectionReset })
        {
            WasReset = true;
        }

        return text.ToString();
    }

    public Task<string> ReadToEndAsync() => ReadAsync(int.MaxValue);

    public void Dispose()
    {
        _client.Dispose();
        _ceiling.Dispose();
    }
}
