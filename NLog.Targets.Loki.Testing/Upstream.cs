using System;
using System.Net.Http;
using System.Threading;
using System.Threading.Tasks;
using Microsoft.AspNetCore.Http;

namespace NLog.Targets.Loki.Testing;

/// <summary>The other Loki that pushes are passed on to, byte for byte, under one tenant.</summary>
internal sealed class Upstream(Uri url, string tenant) : IDisposable
{
    private readonly HttpClient _client = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false }) { BaseAddress = url };

    /// <summary>What the other Loki answered; 502 if it did not.</summary>
    public async Task<StreamRefusal> PushAsync(HttpRequest http, PushRequest request, CancellationToken stopped)
    {
        using var message = new HttpRequestMessage(HttpMethod.Post, http.Path.Value);
        message.Content = new ReadOnlyMemoryContent(request.Body);
        foreach (var name in new[] { "Content-Type", "Content-Encoding" })
        {
            if (http.Headers.TryGetValue(name, out var value))
            {
                message.Content.Headers.TryAddWithoutValidation(name, value.ToString());
            }
        }

        message.Headers.TryAddWithoutValidation("X-Scope-OrgID", tenant);
        if (!string.IsNullOrEmpty(request.BackfillShard))
        {
            message.Headers.TryAddWithoutValidation("X-Loki-Backfill-Shard", request.BackfillShard);
        }

        try
        {
            using var response = await _client.SendAsync(message, stopped).ConfigureAwait(false);
            var text = await response.Content.ReadAsStringAsync(stopped).ConfigureAwait(false);
            return new((int)response.StatusCode, text.TrimEnd('\n'));
        }
        catch (Exception broken) when (broken is HttpRequestException || (broken is OperationCanceledException && !stopped.IsCancellationRequested))
        {
            return new(502, $"{url} cannot be reached: {broken.Message}");
        }
    }

    public void Dispose() => _client.Dispose();
}
