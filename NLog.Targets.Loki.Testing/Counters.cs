using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text;

namespace NLog.Targets.Loki.Testing;

/// <summary>The counters of <c>/metrics</c>, by name and label text.</summary>
internal sealed class Counters
{
    private readonly object _gate = new();
    private readonly Dictionary<(string Name, string Labels), long> _values = [];
    private readonly Dictionary<string, long> _discarded = [];

    public IReadOnlyDictionary<string, long> Discarded
    {
        get
        {
            lock (_gate)
            {
                return new Dictionary<string, long>(_discarded);
            }
        }
    }

    public void Received(string tenant, long lines, long bytes, string? contentType, string? encoding)
    {
        lock (_gate)
        {
            Add("loki_distributor_lines_received_total", $"tenant={LabelText.Quote(tenant)}", lines);
            Add("loki_distributor_bytes_received_total", $"tenant={LabelText.Quote(tenant)}", bytes);
            Add(
                "loki_distributor_push_stats_count",
                $"content_encoding={LabelText.Quote(encoding ?? "")},content_type={LabelText.Quote(contentType ?? "")},tenant={LabelText.Quote(tenant)}",
                1);
        }
    }

    public void Discard(string tenant, string reason, long lines, long bytes)
    {
        lock (_gate)
        {
            var labels = $"reason={LabelText.Quote(reason)},tenant={LabelText.Quote(tenant)}";
            Add("loki_discarded_samples_total", labels, lines);
            Add("loki_discarded_bytes_total", labels, bytes);
            _discarded[reason] = _discarded.GetValueOrDefault(reason) + lines;
        }
    }

    /// <summary>A body past the limit: nobody knows how many lines were in it.</summary>
    public void DiscardBody(string tenant, long bytes) =>
        Count("loki_discarded_bytes_total", $"reason=\"request_body_too_large\",tenant={LabelText.Quote(tenant)}", bytes);

    public void Truncate(string tenant, long lines, long bytes)
    {
        var labels = $"reason=\"line_too_long\",tenant={LabelText.Quote(tenant)}";
        Count("loki_mutated_samples_total", labels, lines);
        Count("loki_mutated_bytes_total", labels, bytes);
    }

    public void NoStreams(string tenant, string stage) =>
        Count("loki_distributor_push_zero_streams_count", $"stage=\"{stage}\",tenant={LabelText.Quote(tenant)}", 1);

    public void Answered(int status)
    {
        lock (_gate)
        {
            Add("loki_request_duration_seconds_count", $"method=\"POST\",route=\"loki_api_v1_push\",status_code=\"{status}\",ws=\"false\"", 1);
        }
    }

    public void Clear()
    {
        lock (_gate)
        {
            _values.Clear();
            _discarded.Clear();
        }
    }

    public string Print()
    {
        var text = new StringBuilder();
        lock (_gate)
        {
            foreach (var group in _values.GroupBy(value => value.Key.Name).OrderBy(group => group.Key, StringComparer.Ordinal))
            {
                text.Append(CultureInfo.InvariantCulture, $"# TYPE {group.Key} counter\n");
                foreach (var value in group)
                {
                    text.Append(CultureInfo.InvariantCulture, $"{value.Key.Name}{{{value.Key.Labels}}} {value.Value}\n");
                }
            }
        }

        return text.ToString();
    }

    private void Count(string name, string labels, long amount)
    {
        lock (_gate)
        {
            Add(name, labels, amount);
        }
    }

    private void Add(string name, string labels, long amount) =>
        _values[(name, labels)] = _values.GetValueOrDefault((name, labels)) + amount;
}
