using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text.Json;
using System.Threading.Tasks;
using Microsoft.AspNetCore.Http;

namespace NLog.Targets.Loki.Testing;

/// <summary>The read routes (pkg/querier/http.go, pkg/util/marshal).</summary>
internal sealed class ReadRoutes(LokiTestServerOptions options, LogStore store)
{
    public static async Task GuardAsync(HttpContext context, Func<HttpContext, ReadParameters, Task> handle)
    {
        // Unlike those of pushes, the texts of query errors end without a newline.
        try
        {
            await handle(context, await ReadParameters.FromAsync(context.Request).ConfigureAwait(false)).ConfigureAwait(false);
        }
        catch (QueryRefusal refusal)
        {
            await PlainAnswer.WriteAsync(context.Response, 400, refusal.Message).ConfigureAwait(false);
        }
        catch (PushRefusal refusal)
        {
            await PlainAnswer.WriteAsync(context.Response, refusal.Status, refusal.Message).ConfigureAwait(false);
        }
    }

    public Task QueryRangeAsync(HttpContext context, ReadParameters parameters)
    {
        var tenant = Tenant(context);
        var query = LogQueryParser.Parse(parameters.Text("query") ?? "");
        var (start, end) = parameters.Range(Now());
        var limit = parameters.Limit();
        var forward = parameters.IsForward();
        var categorized = context.Request.Headers["X-Loki-Response-Encoding-Flags"].ToString()
            .Split(',').Any(flag => flag.Trim() == "categorize-labels");
        var found = new List<QueryLine>();
        foreach (var (labels, entries) in store.Select(tenant, query.Selects))
        {
            // No stream can contribute more lines than the whole answer may have.
            found.AddRange((forward ? entries : Enumerable.Reverse(entries))
                .Where(entry => entry.TimestampNanoseconds >= start && entry.TimestampNanoseconds < end)
                .Select(entry => query.Run(labels, entry))
                .OfType<QueryLine>()
                .Take(limit));
        }

        var lines = forward
            ? found.OrderBy(line => line.Entry.TimestampNanoseconds)
            : found.OrderByDescending(line => line.Entry.TimestampNanoseconds);
        return WriteAsync(context, writer => WriteStreams(writer, lines.Take(limit), categorized));
    }

    /// <summary>Label names, or the values of one label; data is left out when there is none.</summary>
    public Task LabelsAsync(HttpContext context, ReadParameters parameters, string? name)
    {
        var selector = parameters.Text("query") is { } text ? LogQueryParser.Parse(text) : null;
        var data = Labels(context, parameters, selector is null ? [] : [selector])
            .SelectMany(labels => name is null ? labels.Keys : labels.TryGetValue(name, out var value) ? [value] : [])
            .Distinct(StringComparer.Ordinal)
            .Order(StringComparer.Ordinal)
            .ToArray();
        return WriteAsync(context, writer =>
        {
            if (data.Length > 0)
            {
                writer.WriteStartArray("data");
                foreach (var item in data)
                {
                    writer.WriteStringValue(item);
                }

                writer.WriteEndArray();
            }
        });
    }

    public Task SeriesAsync(HttpContext context, ReadParameters parameters)
    {
        var selectors = parameters.All("match[]").Concat(parameters.All("match"))
            .Where(text => text.Replace(" ", "", StringComparison.Ordinal) is not ("" or "{}"))
            .Select(LogQueryParser.Parse)
            .ToArray();
        var data = Labels(context, parameters, selectors);
        return WriteAsync(context, writer =>
        {
            writer.WriteStartArray("data");
            foreach (var labels in data)
            {
                WriteLabels(writer, labels);
            }

            writer.WriteEndArray();
        });
    }

    private static void WriteStreams(Utf8JsonWriter writer, IEnumerable<QueryLine> lines, bool categorized)
    {
        writer.WriteStartObject("data");
        writer.WriteString("resultType", "streams");
        if (categorized)
        {
            writer.WriteStartArray("encodingFlags");
            writer.WriteStringValue("categorize-labels");
            writer.WriteEndArray();
        }

        writer.WriteStartArray("result");

        // Without categories metadata and parsed labels merge into the stream, which falls apart into several by that.
        foreach (var group in lines.GroupBy(line => categorized ? line.Labels : Merge(line)))
        {
            writer.WriteStartObject();
            writer.WritePropertyName("stream");
            WriteLabels(writer, group.Key);
            writer.WriteStartArray("values");
            foreach (var line in group)
            {
                writer.WriteStartArray();
                writer.WriteStringValue(line.Entry.TimestampNanoseconds.ToString(CultureInfo.InvariantCulture));
                writer.WriteStringValue(line.Entry.Line);
                if (categorized)
                {
                    WriteCategories(writer, line);
                }

                writer.WriteEndArray();
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteStartObject("stats");
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    private static GoLabels Merge(QueryLine line) => GoLabels.Of([.. line.Labels, .. line.Metadata, .. line.Parsed]);

    private static void WriteCategories(Utf8JsonWriter writer, QueryLine line)
    {
        writer.WriteStartObject();
        if (line.Metadata.Count > 0)
        {
            writer.WritePropertyName("structuredMetadata");
            WriteLabels(writer, line.Metadata);
        }

        if (line.Parsed.Count > 0)
        {
            writer.WritePropertyName("parsed");
            WriteLabels(writer, line.Parsed);
        }

        writer.WriteEndObject();
    }

    private static void WriteLabels(Utf8JsonWriter writer, IEnumerable<KeyValuePair<string, string>> labels)
    {
        writer.WriteStartObject();
        foreach (var label in labels)
        {
            writer.WriteString(label.Key, label.Value);
        }

        writer.WriteEndObject();
    }

    private static async Task WriteAsync(HttpContext context, Action<Utf8JsonWriter> write)
    {
        using var body = new MemoryStream();
        using (var writer = new Utf8JsonWriter(body))
        {
            writer.WriteStartObject();
            writer.WriteString("status", "success");
            write(writer);
            writer.WriteEndObject();
        }

        body.WriteByte((byte)'\n');
        context.Response.ContentType = "application/json; charset=UTF-8";
        context.Response.ContentLength = body.Length;
        await context.Response.Body.WriteAsync(body.GetBuffer().AsMemory(0, (int)body.Length)).ConfigureAwait(false);
    }

    private List<GoLabels> Labels(HttpContext context, ReadParameters parameters, IReadOnlyList<LogQuery> selectors)
    {
        var (start, end) = parameters.Range(Now());
        return
        [
            .. store.Select(Tenant(context), labels => selectors.Count == 0 || selectors.Any(selector => selector.Selects(labels)))
                .Where(stream => stream.Entries.Any(entry => entry.TimestampNanoseconds >= start && entry.TimestampNanoseconds < end))
                .Select(stream => stream.Labels),
        ];
    }

    private string Tenant(HttpContext context) =>
        options.AuthEnabled ? TenantId.From(context.Request.Headers["X-Scope-OrgID"] is [var first, ..] ? first : null) : options.NoAuthTenant;

    private long Now() => NanosecondTime.Of(options.Clock.GetUtcNow());
}
