using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using Microsoft.AspNetCore.Http;

namespace NLog.Targets.Loki.Testing;

/// <summary>The push routes: reads, lets the faults have their turn, answers and takes note.</summary>
internal sealed class PushRoute(LokiTestServerOptions options, LokiFaults faults, Distributor distributor, LogStore store, Upstream? upstream)
{
    public async Task HandleAsync(HttpContext context, bool legacy, CancellationToken stopped)
    {
        var arrived = options.Clock.GetUtcNow();
        var shape = new PushShape();
        var request = new PushRequest(default, 0, null, null);
        var tenant = "";
        var answer = new StreamRefusal(0, "");
        var judged = answer;
        Fault? fault = null;
        try
        {
            request = await ReadAsync(context.Request, stopped).ConfigureAwait(false);
            await faults.HoldAsync(stopped).ConfigureAwait(false);
            fault = faults.Take();
            var stores = fault is not { Stores: false };
            if (upstream is not null && stores)
            {
                answer = await upstream.PushAsync(context.Request, request, stopped).ConfigureAwait(false);

                // These say that nothing was stored.
                stores = answer.Status is not (429 or >= 500);
            }

            judged = Judge(context.Request, request, legacy, stores, shape, ref tenant);
            answer = answer.Status == 0 ? judged : answer;
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
            JudgedStatus = judged.Status,
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
            var streams = distributor.Decode(request, shape);
            if (legacy && streams.Count > 0)
            {
                // To the legacy parser a v1 body has only unknown keys: it answers success and the data is lost.
                shape.Entries = 0;
                return new(204, "");
            }

            return stores ? distributor.Push(tenant, request, streams) : default;
        }
        catch (PushRefusal refusal)
        {
            return new(refusal.Status, refusal.Message);
        }
    }

    private async Task<PushRequest> ReadAsync(HttpRequest http, CancellationToken stopped)
    {
        var type = http.ContentType;
        var encoding = http.Headers.ContentEncoding.ToString();
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

        return new PushRequest(body.GetBuffer().AsMemory(0, (int)body.Length), size, type, encoding);
    }
}
