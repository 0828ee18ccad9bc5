using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Net.Sockets;
using System.Threading;
using System.Threading.Tasks;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace NLog.Targets.Loki.Testing;

/// <summary>The push routes: reads, lets the faults have their turn, answers and takes note.</summary>
internal sealed class PushRoute(LokiTestServerOptions options, LokiFaults faults, Distributor distributor, LogStore store, Upstream? upstream)
{
    public async Task HandleAsync(HttpContext context, bool legacy, CancellationToken stopped)
    {
        using var leaving = CancellationTokenSource.CreateLinkedTokenSource(stopped, context.RequestAborted);
        var arrived = options.Clock.GetUtcNow();
        var shape = new PushShape();
        var request = PushRequest.None;
        var (tenant, refusal) = TenantOf(context.Request);
        var isKnown = refusal is null;
        var push = new IncomingPush { Tenant = tenant, Headers = HeadersOf(context.Request) };
        var answer = new StreamRefusal(0, "");
        var judgedStatus = 0;
        LokiFault? fault = null;
        try
        {
            fault = faults.TakeForRequest(push);
            request = await ReadAsync(context.Request, fault, stopped).ConfigureAwait(false);
            await faults.HoldAsync(stopped).ConfigureAwait(false);
            (var streams, refusal) = Decode(tenant, request, legacy, shape, refusal);
            fault ??= faults.TakeForAnswer(push with { Streams = [.. streams.Select(stream => GoLabels.Of(stream.Labels))] });
            var ignored = fault is { StoresPush: false };
            if (upstream is not null && isKnown && !ignored)
            {
                answer = await upstream.PushAsync(context.Request, request, stopped).ConfigureAwait(false);

                // These say that nothing was stored.
                ignored = answer.Status is 429 or >= 500;
            }

            var judged = refusal ?? Store(tenant, request, streams, shape, ignored);
            judgedStatus = ignored ? 0 : judged.Status;
            answer = answer.Status == 0 ? judged : answer;
        }
        catch (Exception broken) when (broken is OperationCanceledException or IOException or BadHttpRequestException)
        {
            // The client left or the server stops: nobody waits for an answer.
        }
        catch (Exception wrong)
        {
            // The condition of a fault is a test's own code; what it throws must not look like an outage.
            answer = new(500, "the test server failed: " + wrong);
            fault = null;
        }

        var isAnswered = answer.Status != 0;
        store.Record(new ReceivedPush
        {
            Tenant = tenant,
            Status = isAnswered && fault is not null ? fault.Shown(answer.Status) : answer.Status,
            Answer = fault is null or { Status: null, Raw: null } ? GoText.Show(answer.Text) : fault.Body,
            JudgedStatus = judgedStatus,
            CompressedBytes = request.ReceivedSize,
            UncompressedBytes = shape.UncompressedBytes,
            EntryCount = shape.Entries,
            StreamCount = shape.Streams,
            Headers = push.Headers,
            ArrivedAt = arrived,
            Body = options.KeepBodies ? request.Body : default,
            Fault = fault,
        }, shape.Stored);
        if (!isAnswered)
        {
            context.Abort();
        }
        else if (fault is not null)
        {
            await CommitAsync(context, fault, answer, leaving.Token).ConfigureAwait(false);
        }
        else
        {
            context.Response.StatusCode = answer.Status;
            if (answer.Text.Length > 0)
            {
                await PlainAnswer.WriteAsync(context.Response, answer.Status, answer.Text + "\n").ConfigureAwait(false);
            }
        }
    }

    private static async Task CommitAsync(HttpContext context, LokiFault fault, StreamRefusal own, CancellationToken leaving)
    {
        var wire = context.Features.Get<Wire>()!;
        try
        {
            await Task.Delay(fault.Delay, leaving).ConfigureAwait(false);
            await wire.SendAsync(new FaultAnswer(fault, own).Pieces(), fault.AnswerBytes ?? long.MaxValue, fault.AnswerBytesPerSecond, leaving)
                .ConfigureAwait(false);
            switch (fault.Ending)
            {
                case LokiFaultEnding.Reset:
                    wire.Reset();
                    context.Abort();
                    break;
                case LokiFaultEnding.Stall:
                    await Task.Delay(Timeout.Infinite, leaving).ConfigureAwait(false);
                    break;
                case LokiFaultEnding.Close:
                    wire.Close();
                    context.Response.Headers.Connection = "close";
                    break;
                default:
                    context.Response.Headers.Connection = fault.AnnouncesClose ? "close" : default(StringValues);
                    break;
            }
        }
        catch (Exception broken) when (broken is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The client left or the server stops.
            context.Abort();
        }
    }

    private static Dictionary<string, string> HeadersOf(HttpRequest http) =>
        http.Headers.ToDictionary(header => header.Key, header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase);

    // Of a repeated header Go's servers look at the first.
    private static string? First(HttpRequest http, string name) => http.Headers[name] is [var first, ..] ? first : null;

    private (string Tenant, StreamRefusal? Refusal) TenantOf(HttpRequest http)
    {
        try
        {
            return (options.AuthEnabled ? TenantId.From(First(http, "X-Scope-OrgID")) : options.NoAuthTenant, null);
        }
        catch (PushRefusal refusal)
        {
            return ("", new(refusal.Status, refusal.Message));
        }
    }

    private (List<PushedStream> Streams, StreamRefusal? Refusal) Decode(string tenant, PushRequest request, bool legacy, PushShape shape, StreamRefusal? earlier)
    {
        if (earlier is not null)
        {
            return ([], earlier);
        }

        try
        {
            return (distributor.Decode(tenant, request, legacy, shape), null);
        }
        catch (PushRefusal refusal)
        {
            return ([], new(refusal.Status, refusal.Message));
        }
    }

    private StreamRefusal Store(string tenant, PushRequest request, List<PushedStream> streams, PushShape shape, bool discards)
    {
        if (discards)
        {
            return new(204, "");
        }

        try
        {
            return distributor.Push(tenant, request, streams, shape);
        }
        catch (PushRefusal refusal)
        {
            return new(refusal.Status, refusal.Message);
        }
    }

    private async Task<PushRequest> ReadAsync(HttpRequest http, LokiFault? fault, CancellationToken stopped)
    {
        using var body = new MemoryStream((int)Math.Clamp(http.ContentLength ?? 0, 0, options.MaxReceivedSize));
        var rate = fault?.RequestBytesPerSecond ?? 0;
        var most = fault?.RequestBytes ?? long.MaxValue;
        var piece = new byte[rate == 0 ? 81920 : Math.Clamp(rate / 20, 1, 81920)];
        long size = 0;
        for (int read; size < most && (read = await http.Body.ReadAsync(piece.AsMemory(0, (int)Math.Min(piece.Length, most - size)), stopped).ConfigureAwait(false)) > 0;)
        {
            size += read;
            if (rate > 0)
            {
                await Task.Delay(TimeSpan.FromSeconds((double)read / rate), stopped).ConfigureAwait(false);
            }

            // What is too large is refused later on; it is read to the end so that the client sees the answer.
            body.Write(piece, 0, (int)Math.Min(read, options.MaxReceivedSize - body.Length));
        }

        return new PushRequest(
            body.GetBuffer().AsMemory(0, (int)body.Length),
            size,
            http.ContentLength,
            First(http, "Content-Type"),
            First(http, "Content-Encoding"),
            First(http, "X-Loki-Backfill-Shard"));
    }
}
