using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;

namespace NLog.Targets.Loki.Testing;

/// <summary>The distributor's checks of streams and entries (pkg/distributor/validator.go, texts of pkg/validation/validate.go).</summary>
internal sealed class StreamRules(LokiLimits limits, string tenant, long now, string? backfillShard, Counters counters)
{
    private const string Service = "service_name";

    /// <summary>Refusals that count as invalid, in the order they came up.</summary>
    public List<string> Faults { get; } = [];

    /// <summary>The refusal of a blocked stream, if any.</summary>
    public StreamRefusal? Blocked { get; private set; }

    /// <summary>What rates and limits count of metadata; <c>detected_level</c> is Loki's own and never in it (pkg/util/entry_size.go).</summary>
    public static int SizeOf(IReadOnlyList<KeyValuePair<string, string>> metadata)
    {
        var size = 0;
        foreach (var (name, value) in metadata)
        {
            size += name == DetectedLevel.Name ? 0 : GoText.Size(name) + GoText.Size(value);
        }

        return size;
    }

    public static long SizeOf(PushedStream stream) => stream.Entries.Sum(entry => (long)GoText.Size(entry.Line) + SizeOf(entry.Metadata));

    /// <summary>The stream with what is left of its entries, or null if the stream is refused.</summary>
    public AcceptedStream? Check(PushedStream stream)
    {
        Truncate(stream.Entries);
        var pairs = new List<KeyValuePair<string, string>>(stream.Labels);
        var isInternal = pairs.Exists(label => label.Key is "__aggregated_metric__" or "__pattern__");
        if (limits.DiscoverServiceName.Count > 0 && !isInternal && !pairs.Exists(label => label.Key == Service))
        {
            var source = limits.DiscoverServiceName.FirstOrDefault(name => pairs.Exists(label => label.Key == name));
            Insert(pairs, Service, source is null ? "unknown_service" : pairs.Find(label => label.Key == source).Value);
        }

        if (!string.IsNullOrEmpty(backfillShard))
        {
            Insert(pairs, Backfill.Label, "true");
            Insert(pairs, Backfill.ShardLabel, backfillShard);
        }

        var labels = GoLabels.Of(pairs);
        if (!CheckText(stream, pairs) || !CheckLabels(stream, labels, pairs, isInternal) || IsBlocked(stream))
        {
            return null;
        }

        var accepted = new AcceptedStream(labels, new List<AcceptedEntry>(stream.Entries.Count));
        var previous = stream.Entries[0].Timestamp;
        for (var i = 0; i < stream.Entries.Count; i++)
        {
            var entry = stream.Entries[i];
            var lineBytes = GoText.Size(entry.Line);
            if (CheckEntry(entry, labels, lineBytes))
            {
                if (limits.IncrementDuplicateTimestamp && accepted.Entries.Count > 0)
                {
                    var last = accepted.Entries[^1].Entry;
                    if (last.WireLine != entry.Line && (entry.Timestamp == previous || entry.Timestamp == last.TimestampNanoseconds))
                    {
                        entry = entry with { Timestamp = last.TimestampNanoseconds + 1 };
                    }
                    else
                    {
                        previous = entry.Timestamp;
                    }
                }

                var metadata = Complete(entry, labels, out var metadataSize);
                var stored = new StoredEntry(tenant, labels, entry.Timestamp, GoText.Show(entry.Line), metadata) { WireLine = entry.Line };
                accepted.Entries.Add(new(stored, lineBytes + metadataSize));
            }
        }

        return accepted;
    }

    private static void Insert(List<KeyValuePair<string, string>> pairs, string name, string value)
    {
        var at = pairs.FindIndex(label => string.CompareOrdinal(label.Key, name) > 0);
        pairs.Insert(at < 0 ? pairs.Count : at, new(name, value));
    }

    // Loki parses the labels a second time, as it printed them: a U+FFFD that an escape wrote is only found here.
    private bool CheckText(PushedStream stream, List<KeyValuePair<string, string>> pairs)
    {
        if (!pairs.Exists(label => label.Key.Contains('\uFFFD', StringComparison.Ordinal) || label.Value.Contains('\uFFFD', StringComparison.Ordinal)))
        {
            return true;
        }

        var text = LabelText.Print(pairs);
        try
        {
            LabelParser.Parse(text);
            return true;
        }
        catch (FormatException fault)
        {
            Discard(stream, "invalid_labels");
            Faults.Add($"error parsing labels '{text}' with error: {fault.Message}");
            return false;
        }
    }

    private bool CheckLabels(PushedStream stream, GoLabels labels, List<KeyValuePair<string, string>> pairs, bool isInternal)
    {
        if (pairs.Count == 0)
        {
            // As one line without bytes, however many there are (pkg/distributor/validator.go).
            counters.Discard(tenant, "missing_labels", 1, 0);
            Discard(stream, "invalid_labels");
            Faults.Add("error at least one label pair is required per stream");
            return false;
        }

        if (isInternal)
        {
            return true;
        }

        // The printed form is only needed for a refusal, which is rare, and prints repeated names as they came.
        string Text() => LabelText.Print(pairs);
        var names = pairs.Count - (labels.ContainsKey(Service) ? 1 : 0);
        if (names > limits.MaxLabelNamesPerSeries)
        {
            return Refuse(stream, "max_label_names_per_series", $"entry for stream '{Text()}' has {names} label names; limit {limits.MaxLabelNamesPerSeries}");
        }

        for (var i = 0; i < pairs.Count; i++)
        {
            var (name, value) = pairs[i];
            if (GoText.Size(name) > limits.MaxLabelNameLength)
            {
                return Refuse(stream, "label_name_too_long", $"stream '{Text()}' has label name too long: '{name}'");
            }

            if (GoText.Size(value) > limits.MaxLabelValueLength)
            {
                return Refuse(stream, "label_value_too_long", $"stream '{Text()}' has label value too long: '{value}'");
            }

            if (i > 0 && pairs[i - 1].Key == name)
            {
                return Refuse(stream, "duplicate_label_names", $"stream '{Text()}' has duplicate label name: '{name}'");
            }
        }

        var missing = limits.EnforcedLabels.Where(name => !labels.ContainsKey(name)).ToArray();
        if (missing.Length > 0)
        {
            Discard(stream, "missing_enforced_labels");
            Faults.Add($"missing required labels '{string.Join(',', missing)}' for user '{tenant}' for stream '{Text()}' (policy: '')");
            return false;
        }

        return true;
    }

    // Loki counts a failed label check twice: by its reason, and as invalid labels.
    private bool Refuse(PushedStream stream, string reason, string text)
    {
        Discard(stream, reason);
        Discard(stream, "invalid_labels");
        Faults.Add(text);
        return false;
    }

    private void Discard(PushedStream stream, string reason) =>
        counters.Discard(tenant, reason, stream.Entries.Count, SizeOf(stream));

    private bool IsBlocked(PushedStream stream)
    {
        // In seconds, for "until" may lie beyond what nanoseconds can say.
        if (limits.BlockIngestionUntil is not { } until || until.ToUnixTimeSeconds() <= NanosecondTime.FloorSeconds(now))
        {
            return false;
        }

        Discard(stream, "blocked_ingestion");
        Blocked = new(
            limits.BlockIngestionStatusCode,
            $"ingestion blocked for user '{tenant}' until '{Rfc3339(until)}' with status code '{limits.BlockIngestionStatusCode}'");
        return true;
    }

    // In the zone it was given in, as Go prints it.
    private static string Rfc3339(DateTimeOffset time) =>
        time.ToString(time.Offset == TimeSpan.Zero ? "yyyy-MM-dd'T'HH:mm:ss'Z'" : "yyyy-MM-dd'T'HH:mm:sszzz", CultureInfo.InvariantCulture);

    private bool CheckEntry(in PushedEntry entry, GoLabels labels, int lineBytes)
    {
        var oldest = now - NanosecondTime.Of(limits.RejectOldSamplesMaxAge);
        var metadataSize = SizeOf(entry.Metadata);
        string reason, text;
        if (limits.RejectOldSamples && string.IsNullOrEmpty(backfillShard) && entry.Timestamp < oldest)
        {
            reason = "greater_than_max_sample_age";
            text = $"entry for stream '{labels}' has timestamp too old: {NanosecondTime.Rfc3339OfSeconds(entry.Seconds)}, oldest acceptable timestamp is: {NanosecondTime.Rfc3339(oldest)}";
        }
        else if (entry.Timestamp > now + NanosecondTime.Of(limits.CreationGracePeriod))
        {
            reason = "too_far_in_future";
            text = $"entry for stream '{labels}' has timestamp too new: {NanosecondTime.Rfc3339OfSeconds(entry.Seconds)}";
        }
        else if (limits.MaxLineSize > 0 && lineBytes > limits.MaxLineSize)
        {
            reason = "line_too_long";
            text = $"max entry size '{limits.MaxLineSize}' bytes exceeded for stream '{labels}' while adding an entry with length '{lineBytes}' bytes";
        }
        else if (entry.Metadata.Count > 0 && !limits.AllowStructuredMetadata)
        {
            reason = "disallowed_structured_metadata";
            text = $"stream '{labels}' includes structured metadata, but this feature is disallowed. Please see `limits_config.allow_structured_metadata` or contact your Loki administrator to enable it";
        }
        else if (limits.MaxStructuredMetadataSize > 0 && metadataSize > limits.MaxStructuredMetadataSize)
        {
            reason = "structured_metadata_too_large";
            text = $"stream '{labels}' has structured metadata too large: '{metadataSize}' bytes, limit: '{limits.MaxStructuredMetadataSize}' bytes. Please see `limits_config.max_structured_metadata_size` or contact your Loki administrator to increase it";
        }
        else if (limits.MaxStructuredMetadataEntriesCount > 0 && entry.Metadata.Count > limits.MaxStructuredMetadataEntriesCount)
        {
            reason = "structured_metadata_too_many";
            text = $"stream '{labels}' has too many structured metadata labels: '{entry.Metadata.Count}', limit: '{limits.MaxStructuredMetadataEntriesCount}'. Please see `limits_config.max_structured_metadata_entries_count` or contact your Loki administrator to increase it";
        }
        else
        {
            return true;
        }

        counters.Discard(tenant, reason, 1, lineBytes + metadataSize);
        Faults.Add(text);
        return false;
    }

    private GoLabels Complete(in PushedEntry entry, GoLabels labels, out int size)
    {
        var metadata = entry.Metadata;
        if (metadata.Count > 0)
        {
            metadata = MetadataName.Rewrite(metadata);
        }

        size = SizeOf(metadata);
        if (!limits.DiscoverLogLevels || !limits.AllowStructuredMetadata)
        {
            return GoLabels.Of(metadata);
        }

        var level = DetectedLevel.Of(labels, metadata, entry.Line, limits);
        if (metadata is not List<KeyValuePair<string, string>> own)
        {
            return LevelOnly.Of(level);
        }

        own.Add(new(DetectedLevel.Name, level));
        return GoLabels.Of(own);
    }

    // By byte, even inside a character, as Loki does; not at all if the identifier leaves no room.
    private void Truncate(List<PushedEntry> entries)
    {
        var kept = limits.MaxLineSize - GoText.Size(limits.MaxLineSizeTruncateIdentifier);
        if (!limits.MaxLineSizeTruncate || limits.MaxLineSize <= 0 || kept <= 0)
        {
            return;
        }

        var (lines, bytes) = (0, 0L);
        for (var i = 0; i < entries.Count; i++)
        {
            var size = GoText.Size(entries[i].Line);
            if (size > limits.MaxLineSize)
            {
                entries[i] = entries[i] with { Line = GoText.Of(GoText.Bytes(entries[i].Line).AsSpan(0, kept)) + limits.MaxLineSizeTruncateIdentifier };
                (lines, bytes) = (lines + 1, bytes + size - kept);
            }
        }

        if (lines > 0)
        {
            counters.Truncate(tenant, lines, bytes);
        }
    }
}
