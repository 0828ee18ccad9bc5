using System;
using System.Collections.Generic;
using System.Linq;

namespace NLog.Targets.Loki.Testing;

/// <summary>Takes a push from its body to its answer (pkg/distributor/distributor.go, pushWithResolver).</summary>
internal sealed class Distributor(LokiTestServerOptions options, Func<string, LokiLimits> limitsOf, LogStore store, Counters counters)
{
    /// <summary>Decodes a body; the stages reached show in <paramref name="seen"/> even if a later one fails.</summary>
    public List<PushedStream> Decode(string tenant, PushRequest request, bool legacy, PushShape seen)
    {
        Backfill.Check(request.BackfillShard);
        try
        {
            var content = PushBody.Open(request, options.MaxReceivedSize, options.MaxDecompressedSize);
            var message = PushBody.IsJson(request.ContentType) ? content.Bytes : Unpack(request, content);
            seen.UncompressedBytes = message.Length;
            var streams = !PushBody.IsJson(request.ContentType) ? ProtobufPushDecoder.Decode(message)
                : legacy ? JsonPushDecoder.DecodeLegacy(content)
                : JsonPushDecoder.Decode(content);
            seen.Streams = streams.Count;
            seen.Entries = streams.Sum(stream => stream.Entries.Count);
            return streams;
        }
        catch (PushRefusal refusal) when (refusal.Status == 413 && request.DeclaredSize > 0)
        {
            counters.DiscardBody(tenant, request.DeclaredSize.Value);
            throw;
        }
    }

    /// <summary>Judges and stores decoded streams.</summary>
    public StreamRefusal Push(string tenant, PushRequest request, List<PushedStream> streams, PushShape seen)
    {
        foreach (var stream in streams)
        {
            stream.ReadLabels();
            Backfill.RefuseReserved(stream.Labels);
        }

        // Counted before any check, as in Loki: refused lines are in it.
        var lines = streams.Sum(stream => (long)stream.Entries.Count);
        counters.Received(tenant, lines, streams.Sum(StreamRules.SizeOf), MediaType.Parse(request.ContentType), request.ContentEncoding);
        if (streams.Count == 0)
        {
            counters.NoStreams(tenant, "pre-validation");
            throw new PushRefusal(422, "error at least one valid stream is required for ingestion");
        }

        var limits = limitsOf(tenant);
        var rules = new StreamRules(limits, tenant, NanosecondTime.Of(options.Clock.GetUtcNow()), request.BackfillShard, counters);
        var accepted = new List<AcceptedStream>(streams.Count);
        foreach (var stream in streams)
        {
            if (stream.Entries.Count > 0 && rules.Check(stream) is { Entries.Count: > 0 } left)
            {
                accepted.Add(left);
            }
        }

        var remembered = rules.Faults.Count > 0 ? new StreamRefusal(400, Join(rules.Faults))
            : rules.Blocked is { Status: not 200 } blocked ? blocked
            : new StreamRefusal(204, "");
        if (accepted.Count == 0)
        {
            counters.NoStreams(tenant, "post-validation");
            return remembered;
        }

        if (store.RefuseRate(tenant, accepted, limits) is { } tooFast)
        {
            return tooFast;
        }

        var size = accepted.Sum(MessageSize);
        return size > options.MaxIngesterMessageSize
            ? new(500, $"rpc error: code = ResourceExhausted desc = grpc: received message larger than max ({size} vs. {options.MaxIngesterMessageSize})")
            : store.Add(tenant, accepted, limits, seen) ?? remembered;
    }

    // pkg/util/http.go: unlike the JSON reader, this one wants the whole body before it looks at any of it.
    private ReadOnlyMemory<byte> Unpack(PushRequest request, PushContent content)
    {
        var ceiling = options.MaxReceivedSize;
        return request.DeclaredSize > ceiling ? throw PushBody.TooLarge("message", request.DeclaredSize.Value, ceiling)
            : content.Bytes.Length > ceiling ? throw PushBody.TooLarge("message", ceiling + 1, ceiling)
            : content.Broken is not null ? throw content.Broken
            : SnappyBlock.Decode(content.Bytes.Span, options.MaxDecompressedSize);
    }

    // pkg/util/errors/errors.go, GroupedErrors; Loki's order is random, here it is that of the request.
    private static string Join(List<string> faults)
    {
        var groups = faults.GroupBy(fault => fault, StringComparer.Ordinal).ToArray();
        return faults.Count == 1 ? faults[0] : string.Join("; ", groups.Select(group => $"{group.Count()} errors like: {group.Key}"));
    }

    // What the stream takes as protobuf, give or take the width of its length prefixes.
    private static long MessageSize(AcceptedStream stream) =>
        GoText.Size(stream.Labels.ToString()) + 16 + stream.Entries.Sum(entry => entry.Size + 20L + (6 * entry.Entry.Metadata.Count));
}
