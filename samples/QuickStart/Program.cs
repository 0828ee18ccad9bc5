using System;
using System.IO;
using System.Net;
using System.Net.Http;
using System.Text.Json;
using System.Threading.Tasks;
using NLog.Targets.Loki.Testing;

namespace QuickStart;

internal static class Program
{
    private static async Task<int> Main(string[] arguments)
    {
        if (arguments.Length > 0 && !File.Exists(arguments[0]))
            return Fail($"There is no file {arguments[0]}.");

        var url = Environment.GetEnvironmentVariable("LOKI_URL");
        if (!string.IsNullOrEmpty(url))
            return await RunAsync(url, "the server of LOKI_URL", arguments);

        // A real Loki's rate limits would set the speed of a file; the few lines of the default run stay below them.
        var limits = new LokiLimits();
        var options = new LokiTestServerOptions { Limits = arguments.Length > 0 ? limits.WithoutRates() : limits };
        await using var server = await LokiTestServer.StartAsync(options);
        return await RunAsync(server.Url.ToString(), "a test server in this process", arguments);
    }

    private static async Task<int> RunAsync(string url, string what, string[] arguments)
    {
        // NLog reads its configuration, and the target these variables, when the first logger is asked for.
        var run = Guid.NewGuid().ToString("N")[..12];
        Environment.SetEnvironmentVariable("LOKI_URL", url);
        Environment.SetEnvironmentVariable("QUICKSTART_RUN", run);
        if (!LokiAddress.TryParse(url, out var address))
            return Fail($"LOKI_URL is no absolute http or https address: {url}");

        using var reader = new LokiReader(address);
        try
        {
            // With overflowAction="Block" a file would wait for ever for a server that is not there.
            await reader.PingAsync();
            Console.WriteLine($"Run {run} writes to {address.Base}, {what}.");
            var started = DateTimeOffset.UtcNow;
            var report = arguments.Length > 0 ? new LogFile(arguments[0]).Ship() : Orders.Log();
            Console.WriteLine("Reading back what the server holds.");
            var streams = await reader.ReadAsync($"{{run=\"{run}\"}}", started.AddMinutes(-1));
            return report.Print(streams) ? 0 : 1;
        }
        catch (HttpRequestException refusal) when (Advice(refusal) is { } advice)
        {
            return Fail($"Loki at {address.Base} answers \"{refusal.Message}\": {advice}");
        }
        catch (Exception error) when (error is HttpRequestException or TaskCanceledException or InvalidDataException or JsonException)
        {
            return Fail($"Loki at {address.Base} cannot be read: {error.Message}");
        }
        catch (InvalidOperationException error)
        {
            return Fail(error.Message);
        }
    }

    // The words are Loki's; a gateway before it has others.
    private static string? Advice(HttpRequestException refusal) => refusal.StatusCode switch
    {
        HttpStatusCode.Unauthorized when refusal.Message.Contains("no org id", StringComparison.Ordinal) => "set LOKI_TENANT to the tenant to write to and read from.",
        HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden => "set LOKI_TOKEN, or write user and password into LOKI_URL.",
        HttpStatusCode.BadRequest when refusal.Message.Contains("tenant ID", StringComparison.Ordinal) => "set LOKI_TENANT to another tenant.",
        _ => null,
    };

    private static int Fail(string message)
    {
        Console.Error.WriteLine(message);
        return 1;
    }
}
