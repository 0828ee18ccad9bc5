using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using Microsoft.AspNetCore.Http;

namespace NLog.Targets.Loki.Testing;

/// <summary>The push routes: reads, lets the faults have their turn, answers and takes note.</summary>
internal sealed class PushRoute(LokiTestServerOptions options, LokiFaults faults, Distributor distributor, LogStore store)
{
    public async Task HandleAsync(HttpContext context, bool legacy, CancellationToken stopped)
    {
        var arrived = options.Clock.GetUtcNow();
        var shape = new PushShape();
        var request = PushRequest.None;
        var tenant = "";
        var answer = new StreamRefusal(0, "");
        Fault? fault = null;
        try
        {
            request = await ReadAsync(context.Request, stopped).ConfigureAwait(false);
            await faults.HoldAsync(stopped).ConfigureAwait(false);
            fault = faults.Take();
            answer = Judge(context.Request, request, legacy, fault is not { Stores: false }, shape, ref tenant);
            answer = fault is null ? answer : new(fault.Status, fault.Body);
        }
        catch (Exception broken) when (broken is OperationCanceledException or IOException or BadHttpRequestException)
        {
            // The client left or the server stops: nobody waits for an answer.
        }

        store.Record(new ReceivedPush
        {
            Tenant = tenant,
            Status = answer.Status,
            Answer = answer.Text,
            CompressedBytes = request.ReceivedSize,
            UncompressedBytes = shape.UncompressedBytes,
            EntryCount = shape.Entries,
            StreamCount = shape.Streams,
            Headers = context.Request.Headers.ToDictionary(header => header.Key, header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase),
            ArrivedAt = arrived,
            Body = options.KeepBodies ? request.Body : default,
        });
        if (answer.Status == 0)
        {
            context.Abort();
            return;
        }

        await AnswerAsync(context.Response, answer, fault).ConfigureAwait(false);
    }

    private static async Task AnswerAsync(HttpResponse response, StreamRefusal answer, Fault? fault)
    {
        response.StatusCode = answer.Status;
        if (fault is not null)
        {
            foreach (var (name, value) in fault.Headers)
            {
                response.Headers[name] = value;
            }
        }

        if (answer.Text.Length > 0)
        {
            await PlainAnswer.WriteAsync(response, answer.Status, fault is null ? answer.Text + "\n" : answer.Text).ConfigureAwait(false);
        }
    }

    private StreamRefusal Judge(HttpRequest http, PushRequest request, bool legacy, bool stores, PushShape shape, ref string tenant)
    {
        try
        {
            tenant = options.AuthEnabled ? TenantId.From(http.Headers["X-Scope-OrgID"].ToString()) : options.NoAuthTenant;
            var streams = distributor.Decode(request, legacy, shape);
            return stores ? distributor.Push(tenant, request, streams) : default;
        }
        catch (PushRefusal refusal)
        {
            return new(refusal.Status, refusal.Message);
        }
    }

    private async Task<PushRequest> ReadAsync(HttpRequest http, CancellationToken stopped)
    {
        using var body = new MemoryStream((int)Math.Clamp(http.ContentLength ?? 0, 0, options.MaxReceivedSize));
        var piece = new byte[81920];
        long size = 0;
        for (int read; (read = await http.Body.ReadAsync(piece, stopped).ConfigureAwait(false)) > 0;)
        {
            size += read;

            // What is too large is refused later on; it is read to the end so that the client sees the answer.
            if (size <= options.MaxReceivedSize)
            {
                body.Write(piece, 0, read);
            }
        }

        return new PushRequest(
            body.GetBuffer().AsMemory(0, (int)body.Length),
            size,
            http.ContentLength,
            http.ContentType,
            http.Headers.ContentEncoding.ToString(),
            http.Headers["X-Loki-Backfill-Shard"].ToString());
    }
}
