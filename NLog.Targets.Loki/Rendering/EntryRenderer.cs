using System;
using System.Buffers;
using System.Collections.Generic;
using System.Text;
using NLog.Layouts;
using NLog.Targets.Loki.Batching;
using NLog.Targets.Loki.Contract;
using NLog.Targets.Loki.Diagnostics;
using NLog.Targets.Loki.Encoding;

namespace NLog.Targets.Loki.Rendering;

/// <summary>Renders an event into an encoded entry of its stream. Not thread-safe: hand-overs never overlap.</summary>
internal sealed class EntryRenderer
{
    /// <summary>Loki's defaults of <c>max_structured_metadata_entries_count</c> and <c>_size</c> (validation/limits.go).</summary>
    private const int MaxMetadataEntries = 128;
    private const int MaxMetadataBytes = 64 * 1024;
    private const int UsualChars = 8 * 1024;
    private const int MaxKeptChars = 32 * 1024;

    private readonly LokiOptions _options;
    private readonly Layout _layout;
    private readonly EventCapture _capture;
    private readonly Func<LogEventInfo, IEnumerable<KeyValuePair<string, object?>>?> _context;
    private readonly ICollection<string> _excluded;
    private readonly PropertyText _text;
    private readonly LabelRenderer _labels;
    private readonly TemplateNames _templates;
    private readonly NanosecondClock _clock;
    private readonly EntryEncoder _encoder;
    private readonly TakenNames _names = new();
    private readonly List<KeyValuePair<string, string>> _excess = new();
    private readonly StringBuilder _line = new();
    private readonly char[] _chars = new char[UsualChars];
    private readonly char[] _number = new char[64];
    private int _metadataBytes;
    private int _metadataCut;

    /// <param name="options">What to render.</param>
    /// <param name="layout">The line.</param>
    /// <param name="capture">What was kept on the logging thread.</param>
    /// <param name="context">Context properties, scope properties and GDC of an event, as NLog combines them.</param>
    /// <param name="excluded">Names of properties that are left out.</param>
    /// <param name="text">How values become text.</param>
    /// <param name="clock">Shared by all renderers of the process, so that nanoseconds stay unique across targets and reloads.</param>
    public EntryRenderer(LokiOptions options, Layout layout, EventCapture capture,
        Func<LogEventInfo, IEnumerable<KeyValuePair<string, object?>>?> context, ICollection<string> excluded, PropertyText text, NanosecondClock clock)
    {
        _options = options;
        _layout = layout;
        _capture = capture;
        _context = context;
        _excluded = excluded;
        _text = text;
        _clock = clock;
        _encoder = options.Format.CreateEncoder();
        _labels = new LabelRenderer(options, excluded, text);
        _templates = new TemplateNames(IsSent);
    }

    /// <summary>What is ready to be sent.</summary>
    public EntryBlock Rendered { get; } = new();

    /// <summary>Renders one event and adds it to <see cref="Rendered"/>, or says why not.</summary>
    public LokiDropReason? Render(LogEventInfo logEvent, Ledger ledger, bool withMetadata)
    {
        _metadataBytes = 0;
        _metadataCut = 0;
        _names.Clear();
        _excess.Clear();
        var captured = _capture.Read(logEvent);
        // What reads properties comes before the line, as NLog formats the message for them and keeps it.
        var names = _options.IncludeEventProperties && withMetadata ? _templates.Of(logEvent) : null;
        var stream = _labels.Render(logEvent, captured, _excess, out var labelsCut);
        RenderLine(logEvent);
        var nanoseconds = _clock.Next(logEvent.TimeStamp);
        _encoder.Begin(nanoseconds);
        var truncated = EncodeLine();
        if (truncated && _options.LineOverflow == LokiLineOverflow.Drop)
            return LokiDropReason.OversizeLine;
        if (withMetadata)
            EncodeMetadata(logEvent, captured, names);
        else
            _metadataCut++;
        _encoder.End();
        Rendered.Add(stream, _encoder.Entry, nanoseconds);
        ledger.Rewritten(truncated ? 1 : 0, labelsCut, _metadataCut);
        return null;
    }

    private void RenderLine(LogEventInfo logEvent)
    {
        _line.Clear();
        if (_line.Capacity > MaxKeptChars)
            _line.Capacity = 0;
        _layout.Render(logEvent, _line);
    }

    private bool EncodeLine()
    {
        if (_line.Length <= _chars.Length)
            return EncodeLine(_chars);
        // A long line would need an array of its own on the large object heap, each time.
        var rented = ArrayPool<char>.Shared.Rent(_line.Length);
        try
        {
            return EncodeLine(rented);
        }
        finally
        {
            ArrayPool<char>.Shared.Return(rented);
        }
    }

    private bool EncodeLine(char[] chars)
    {
        _line.CopyTo(0, chars, 0, _line.Length);
        return _encoder.Line(new ReadOnlySpan<char>(chars, 0, _line.Length), _options.MaxLineBytes);
    }

    // What is most wanted comes first, because Loki's limits may cut what comes last.
    private void EncodeMetadata(LogEventInfo logEvent, Captured? captured, TemplateName[]? names)
    {
        if (_options.LevelAs == LokiLevelPlacement.Metadata)
            Put("level", LevelLayout.NameOf(logEvent.Level));
        if (captured is { HasTrace: true })
        {
            Put("trace_id", captured.TraceId);
            Put("span_id", captured.SpanId);
        }

        if (_options.DefaultMetadata)
        {
            Put("logger", logEvent.LoggerName ?? "");
            if (logEvent.Exception is { } exception)
            {
                Put("exception_type", exception.GetType().FullName ?? exception.GetType().Name);
                Put("exception_message", _text.Message(exception));
            }
        }

        foreach (var label in _excess)
            Put(label.Key, label.Value);
        if (_context(logEvent) is { } context)
        {
            foreach (var property in context)
                Put(property.Key, _text.Of(property.Value, logEvent.FormatProvider));
        }

        // A renderer of the layouts may have set some meanwhile.
        if (names is not null && !VolatileProperties.AreSet(logEvent))
        {
            for (var i = 0; i < names.Length; i++)
            {
                if (names[i].SentAs is { } sentAs)
                    PutClean(sentAs, TextOf(names[i].Name, logEvent.Parameters![i], logEvent, captured));
            }
        }
        else if (_options.IncludeEventProperties && VolatileProperties.Exist(logEvent))
        {
            foreach (var property in logEvent.Properties)
            {
                var name = PropertyText.Name(property.Key);
                if (IsSent(name))
                    Put(name, TextOf(name, property.Value, logEvent, captured));
            }
        }
    }

    private bool IsSent(string property) => !_excluded.Contains(property) && !_labels.Takes(property);

    private ReadOnlySpan<char> TextOf(string property, object? value, LogEventInfo logEvent, Captured? captured) =>
        captured?.TextOf(property) is { } text ? text.AsSpan() : _text.Of(value, logEvent.FormatProvider, _number);

    private void Put(string name, string value) => Put(name, value.AsSpan());

    private void Put(string name, ReadOnlySpan<char> value) => PutClean(LokiName.Metadata(name), value);

    private void PutClean(string plain, ReadOnlySpan<char> value)
    {
        // Loki drops empty values; the bytes are saved.
        if (value.Length == 0)
            return;
        if (_names.Count >= MaxMetadataEntries)
        {
            _metadataCut++;
            return;
        }

        // Of two equal names Loki keeps the last; both are kept here.
        var clean = plain;
        for (var n = 2; _names.Contains(clean); n++)
            clean = plain.TrimEnd('_') + "_" + n.ToString(System.Globalization.CultureInfo.InvariantCulture);
        var room = MaxMetadataBytes - _metadataBytes - clean.Length;
        if (room <= 0)
        {
            _metadataCut++;
            return;
        }

        _names.Add(clean);
        var most = Math.Min(_options.MaxPropertyBytes, room);
        if (_encoder.Metadata(clean, value, most))
            _metadataCut++;
        _metadataBytes += clean.Length + Math.Min(most, Utf8Text.Count(value.Slice(0, Math.Min(value.Length, most))));
    }
}
