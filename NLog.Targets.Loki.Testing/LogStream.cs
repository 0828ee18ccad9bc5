using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;

namespace NLog.Targets.Loki.Testing;

/// <summary>A stream in the ingester (pkg/ingester/stream.go).</summary>
internal sealed class LogStream(GoLabels labels, TimeProvider clock)
{
    // ingester.max_returned_stream_errors
    private const int MaxReturnedErrors = 10;

    private readonly HashSet<StoredEntry> _known = new(EntryIdentity.Instance);
    private readonly TokenBucket _bucket = new(clock);
    private long? _highest;
    private StoredEntry? _last;

    public GoLabels Labels => labels;

    /// <summary>In the order of arrival.</summary>
    public List<StoredEntry> Entries { get; } = [];

    /// <summary>Stores what it may, and says what it refused.</summary>
    public StreamRefusal? Add(AcceptedStream pushed, string tenant, LokiLimits limits, Counters counters, List<StoredEntry> stored, ref long duplicates)
    {
        var failures = new List<(StoredEntry Entry, string Reason)>();
        var rateFailedLast = false;
        var passed = new List<AcceptedEntry>(pushed.Entries.Count);
        var total = 0L;
        var highest = _highest;
        var last = _last;
        var window = NanosecondTime.Of(limits.OutOfOrderWindow);
        foreach (var accepted in pushed.Entries)
        {
            var entry = accepted.Entry;
            if (last is not null && EntryIdentity.Instance.Equals(last, entry))
            {
                duplicates++;
                continue;
            }

            if (!limits.ShardStreamsEnabled && !_bucket.TryTake(accepted.Size, limits.PerStreamRateLimit, limits.PerStreamRateLimitBurst))
            {
                failures.Add((entry, RateReason(accepted, limits)));
                rateFailedLast = true;
                counters.Discard(tenant, "per_stream_rate_limit", 1, accepted.Size);
                continue;
            }

            if (highest is { } newest && entry.TimestampNanoseconds < newest - window)
            {
                failures.Add((entry, $"entry too far behind, entry timestamp is: {NanosecondTime.Rfc3339(entry.TimestampNanoseconds)}, oldest acceptable timestamp is: {NanosecondTime.Rfc3339(newest - window)}"));
                rateFailedLast = false;
                counters.Discard(tenant, "too_far_behind", 1, accepted.Size);
                continue;
            }

            total += accepted.Size;
            highest = Math.Max(highest ?? long.MinValue, entry.TimestampNanoseconds);
            last = entry;
            passed.Add(accepted);
        }

        if (limits.ShardStreamsEnabled && total > 0 && !_bucket.TryTake(total, limits.PerStreamRateLimit, limits.PerStreamRateLimitBurst))
        {
            // These replace what was found before, so that the count is that of the entries held back by the rate alone.
            failures.Clear();
            failures.AddRange(passed.Select(accepted => (accepted.Entry, RateReason(accepted, limits))));
            rateFailedLast = true;
            counters.Discard(tenant, "per_stream_rate_limit", passed.Count, total);
            passed.Clear();
        }

        Store(passed, stored, ref duplicates);
        return failures.Count == 0 ? null : new StreamRefusal(rateFailedLast ? 429 : 400, Print(failures, tenant, pushed.Entries.Count));
    }

    // As c2h5oh/datasize prints: in the largest unit that divides the size.
    private static string Size(long bytes) => bytes switch
    {
        0 => "0B",
        _ when bytes % (1 << 30) == 0 => $"{bytes >> 30}GB",
        _ when bytes % (1 << 20) == 0 => $"{bytes >> 20}MB",
        _ when bytes % (1 << 10) == 0 => $"{bytes >> 10}KB",
        _ => $"{bytes}B",
    };

    private string RateReason(in AcceptedEntry accepted, LokiLimits limits) =>
        $"Per stream rate limit exceeded (limit: {Size((long)limits.PerStreamRateLimit)}/sec) while attempting to ingest for stream '{labels}' totaling {Size(accepted.Size)}, consider splitting a stream via additional labels or contact your Loki administrator to see if the limit can be increased";

    private string Print(List<(StoredEntry Entry, string Reason)> failures, string tenant, int pushed)
    {
        var text = new StringBuilder();
        foreach (var (entry, reason) in failures.Take(MaxReturnedErrors))
        {
            text.Append("entry with timestamp ").Append(NanosecondTime.GoText(entry.TimestampNanoseconds))
                .Append(" ignored, reason: '").Append(reason).Append("',\n");
        }

        return text.Append("user '").Append(tenant).Append("', total ignored: ").Append(failures.Count)
            .Append(" out of ").Append(pushed).Append(" for stream: ").Append(labels).ToString();
    }

    private void Store(List<AcceptedEntry> passed, List<StoredEntry> stored, ref long duplicates)
    {
        foreach (var accepted in passed)
        {
            _last = accepted.Entry;
            _highest = Math.Max(_highest ?? long.MinValue, accepted.Entry.TimestampNanoseconds);
            if (_known.Add(accepted.Entry))
            {
                Entries.Add(accepted.Entry);
                stored.Add(accepted.Entry);
            }
            else
            {
                duplicates++;
            }
        }
    }
}
