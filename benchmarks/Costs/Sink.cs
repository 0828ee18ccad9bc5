using System;
using System.Globalization;
using System.IO;
using System.Net;
using System.Net.Sockets;
using System.Threading;
using System.Threading.Tasks;

namespace Costs;

/// <summary>
/// The receiving side, a process of its own: reads each request to its end, counts it and answers. It parses no log
/// line, so that it is never the slower side; commands and counters go over standard input and output.
/// </summary>
internal sealed class Sink
{
    private long _requests;
    private long _bytes;
    private long _records;
    private int _delayMilliseconds;

    /// <summary>Serves until standard input ends.</summary>
    public static void Run(int port)
    {
        var sink = new Sink();
        var listener = new TcpListener(IPAddress.Loopback, port);
        listener.Start();
        _ = sink.AcceptAsync(listener);
        Console.WriteLine(((IPEndPoint)listener.LocalEndpoint).Port);
        while (Console.ReadLine() is { } command)
        {
            if (command.StartsWith("delay ", StringComparison.Ordinal))
                Volatile.Write(ref sink._delayMilliseconds, int.Parse(command.AsSpan(6), CultureInfo.InvariantCulture));
            Console.WriteLine($"{Interlocked.Read(ref sink._requests)} {Interlocked.Read(ref sink._bytes)} {Interlocked.Read(ref sink._records)}");
        }
    }

    private async Task AcceptAsync(TcpListener listener)
    {
        while (true)
        {
            var client = await listener.AcceptTcpClientAsync();
            client.NoDelay = true;
            _ = Task.Run(() => ServeAsync(client));
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using (client)
        {
            var request = new HttpRequestReader(client.GetStream());
            try
            {
                while (await request.ReadAsync())
                {
                    var isOtlp = request.Path.Contains("/otlp/", StringComparison.Ordinal);
                    if (isOtlp)
                        Interlocked.Add(ref _records, OtlpRecords.Count(request.Body));
                    Interlocked.Add(ref _bytes, request.Body.Length);
                    if (Volatile.Read(ref _delayMilliseconds) is > 0 and var delay)
                        await Task.Delay(delay);
                    Interlocked.Increment(ref _requests);
                    await client.GetStream().WriteAsync(isOtlp ? HttpRequestReader.Ok : HttpRequestReader.NoContent);
                }
            }
            catch (IOException)
            {
                // The other side went away.
            }
        }
    }
}
