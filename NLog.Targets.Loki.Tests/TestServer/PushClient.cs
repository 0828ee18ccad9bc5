using System;
using System.Collections.Generic;
using System.IO;
using System.IO.Compression;
using System.Net.Http;
using System.Text.Json;
using System.Threading.Tasks;
using IronSnappy;

namespace NLog.Targets.Loki.Tests.TestServer;

/// <summary>Pushes to a server with hand-made requests and tells what it answered.</summary>
internal sealed class PushClient(Uri server) : IDisposable
{
    public const string Path = "/loki/api/v1/push";

    private readonly HttpClient _client = new() { BaseAddress = server };

    /// <summary>Nanoseconds since 1970.</summary>
    public static long Now() => (DateTime.UtcNow - DateTime.UnixEpoch).Ticks * 100;

    /// <summary>One stream <c>{service_name="a"}</c> with these lines, a nanosecond apart.</summary>
    public static string Lines(params string[] lines) => Streams(("a", lines));

    public static string Streams(params (string Service, string[] Lines)[] streams)
    {
        var now = Now();
        var body = new List<object>();
        foreach (var (service, lines) in streams)
        {
            var values = new List<string[]>();
            foreach (var line in lines)
            {
                values.Add([(now + values.Count).ToString(System.Globalization.CultureInfo.InvariantCulture), line]);
            }

            body.Add(new { stream = new { service_name = service }, values });
        }

        return JsonSerializer.Serialize(new { streams = body });
    }

    /// <summary>A PushRequest with one entry of now.</summary>
    public static byte[] Protobuf(string labels, string line = "hello") => new WireMessage()
        .Message(1, new WireMessage().Text(1, labels).Message(2, new WireMessage()
            .Message(1, new WireMessage().Number(1, Now() / 1_000_000_000).Number(2, Now() % 1_000_000_000))
            .Text(2, line)))
        .ToArray();

    public static byte[] Compress(byte[] plain, Func<Stream, Stream> codec)
    {
        using var result = new MemoryStream();
        using (var encoder = codec(result))
        {
            encoder.Write(plain);
        }

        return result.ToArray();
    }

    public static byte[] Gzip(byte[] plain) => Compress(plain, result => new GZipStream(result, CompressionLevel.Optimal));

    public static byte[] Utf8(string text) => System.Text.Encoding.UTF8.GetBytes(text);

    public Task<PushAnswer> JsonAsync(string body, string? tenant = null, string path = Path, params (string Name, string Value)[] headers) =>
        SendAsync(Utf8(body), "application/json", tenant, path, headers);

    public Task<PushAnswer> ProtobufAsync(byte[] message, params (string Name, string Value)[] headers) =>
        SendAsync(Snappy.Encode(message), "application/x-protobuf", null, Path, headers);

    public async Task<PushAnswer> SendAsync(byte[] body, string? type, string? tenant = null, string path = Path, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new ByteArrayContent(body) };
        if (type is not null)
        {
            request.Content.Headers.TryAddWithoutValidation("Content-Type", type);
        }

        if (tenant is not null)
        {
            request.Headers.TryAddWithoutValidation("X-Scope-OrgID", tenant);
        }

        foreach (var (name, value) in headers)
        {
            if (!request.Headers.TryAddWithoutValidation(name, value))
            {
                request.Content.Headers.TryAddWithoutValidation(name, value);
            }
        }

        using var response = await _client.SendAsync(request);
        return new((int)response.StatusCode, await response.Content.ReadAsStringAsync());
    }

    public async Task<PushAnswer> GetAsync(string path, string? flags = null, HttpMethod? method = null)
    {
        using var request = new HttpRequestMessage(method ?? HttpMethod.Get, path);
        if (flags is not null)
        {
            request.Headers.Add("X-Loki-Response-Encoding-Flags", flags);
        }

        using var response = await _client.SendAsync(request);
        return new((int)response.StatusCode, await response.Content.ReadAsStringAsync());
    }

    public void Dispose() => _client.Dispose();
}
