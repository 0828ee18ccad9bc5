using System;
using System.Collections.Generic;
using System.Linq;
using System.Net.Http;
using System.Threading;
using System.Threading.Tasks;
using NLog.Targets.Loki.Batching;
using NLog.Targets.Loki.Contract;

namespace NLog.Targets.Loki.Connection;

/// <summary>The connection to Loki: one POST in, one answer out. It never decides and never throws.</summary>
internal sealed class LokiClient : IDisposable
{
    private const int MaxBodyBytes = 4096;

    private static readonly TimeSpan s_bodyTimeout = TimeSpan.FromSeconds(1);

    private readonly PushOptions _options;
    private readonly HttpMessageInvoker _http;
    private readonly TimeProvider _time;
    private volatile IReadOnlyList<KeyValuePair<string, string>> _headers = Array.Empty<KeyValuePair<string, string>>();

    public LokiClient(PushOptions options, HttpMessageHandler? handler, TimeProvider time)
    {
        _options = options;
        _http = new HttpMessageInvoker(handler ?? Transport.Create(options), disposeHandler: handler is null);
        _time = time;
        RefreshCredentials(_headers);
    }

    /// <summary>
    /// Reads credentials again: a token may have been rotated. Whether they are other ones now, and if they cannot be used, why the
    /// earlier ones are kept.
    /// </summary>
    public (bool Changed, string? Problem) RefreshCredentials(IReadOnlyList<KeyValuePair<string, string>> refused)
    {
        try
        {
            _headers = _options.RenderHeaders();
            // Those of another request, refused at the same time, may have been replaced already.
            return (!refused.SequenceEqual(_headers), null);
        }
        catch (HeaderValueException problem)
        {
            return (false, problem.Message);
        }
        catch (Exception error)
        {
            // Only the type: the message of a layout's exception may hold the value.
            return (false, "credentials could not be rendered: " + error.GetType().Name);
        }
    }

    public async Task<PushAnswer> PushAsync(Payload payload, string tenant, TimeSpan timeout, CancellationToken cancellation)
    {
        var started = _time.GetTimestamp();
        var headers = _headers;
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var timer = _time.CreateTimer(static state => Cancel((CancellationTokenSource)state!), deadline, timeout, Timeout.InfiniteTimeSpan);
        try
        {
            using var request = CreateRequest(payload, tenant, headers);
            using var response = await _http.SendAsync(request, deadline.Token).ConfigureAwait(false);
            var latency = _time.GetElapsedTime(started);
            var (body, cut) = await ReadBodyAsync(response, deadline).ConfigureAwait(false);
            return new PushAnswer
            {
                Status = (int)response.StatusCode,
                Body = body,
                BodyIsCut = cut,
                MediaType = response.Content?.Headers.ContentType?.MediaType ?? "",
                RetryAfter = RetryAfterOf(response),
                Credentials = headers,
                Latency = latency,
            };
        }
        catch (Exception error)
        {
            return new PushAnswer
            {
                Error = error,
                TimedOut = error is OperationCanceledException && !cancellation.IsCancellationRequested,
                Latency = _time.GetElapsedTime(started),
            };
        }
        finally
        {
            timer.Dispose();
        }
    }

    public void Dispose() => _http.Dispose();

    private static void Cancel(CancellationTokenSource source)
    {
        try
        {
            source.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // The answer came while the timer fired.
        }
    }

    private HttpRequestMessage CreateRequest(Payload payload, string tenant, IReadOnlyList<KeyValuePair<string, string>> headers)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, _options.Endpoint) { Content = new PayloadContent(payload) };
        request.Headers.TryAddWithoutValidation("User-Agent", "NLog.Targets.Loki");
        if (tenant.Length > 0)
            request.Headers.TryAddWithoutValidation("X-Scope-OrgID", tenant);
        foreach (var header in headers)
            request.Headers.TryAddWithoutValidation(header.Key, header.Value);
        return request;
    }

    // The body is a diagnosis, never needed whole: a bounded piece within a bounded time, and the status counts without it.
    private async Task<(string Body, bool Cut)> ReadBodyAsync(HttpResponseMessage response, CancellationTokenSource deadline)
    {
        if (response.Content is null || (int)response.StatusCode == 204)
            return ("", false);
        var bytes = new byte[MaxBodyBytes];
        var length = 0;
        var timer = _time.CreateTimer(static state => Cancel((CancellationTokenSource)state!), deadline, s_bodyTimeout, Timeout.InfiniteTimeSpan);
        try
        {
            using var stream = await response.Content.ReadAsStreamAsync().ConfigureAwait(false);
            while (length < bytes.Length)
            {
                var read = await stream.ReadAsync(bytes, length, bytes.Length - length, deadline.Token).ConfigureAwait(false);
                if (read == 0)
                    return (System.Text.Encoding.UTF8.GetString(bytes, 0, length), false);
                length += read;
            }
        }
        catch (Exception)
        {
            // A body that breaks off or drips is as good as its beginning.
        }
        finally
        {
            timer.Dispose();
        }

        return (System.Text.Encoding.UTF8.GetString(bytes, 0, length), true);
    }

    private TimeSpan? RetryAfterOf(HttpResponseMessage response)
    {
        var header = response.Headers.RetryAfter;
        if (header?.Delta is { } delta)
            return delta;
        return header?.Date is { } date ? date - _time.GetUtcNow() : null;
    }
}
