using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using NLog.Layouts;
using NLog.Targets.Loki.Batching;
using NLog.Targets.Loki.Contract;
using NLog.Targets.Loki.Encoding;

namespace NLog.Targets.Loki.Rendering;

/// <summary>Finds the stream of an event by rendering its labels; streams are kept by the rendered values. Not thread-safe.</summary>
internal sealed class LabelRenderer
{
    /// <summary>Loki's default of <c>max_label_names_per_series</c>; service_name does not count (validation/limits.go).</summary>
    private const int MaxLabels = 15;

    private const int FirstChars = 256;
    private const int MaxKeptChars = 32 * 1024;

    private readonly string[] _names;
    private readonly Layout[] _layouts;
    private readonly string?[] _fixed;
    private readonly PushFormat _format;
    private readonly string _tenant;
    private readonly string _prefix;
    private readonly bool _allProperties;
    private readonly ICollection<string> _excluded;
    private readonly PropertyText _text;
    private readonly StreamKey?[] _byLevel = new StreamKey?[8];
    private readonly bool _onlyLevelVaries;
    private readonly StreamKeys _streams = new();
    private readonly StringBuilder _rendered = new();
    private readonly int[] _starts;
    private readonly int[] _lengths;
    private char[] _chars = new char[FirstChars];
    private readonly HashSet<string> _taken = new(StringComparer.Ordinal);

    public LabelRenderer(LokiOptions options, ICollection<string> excluded, PropertyText text)
    {
        var labels = options.Labels;
        _names = labels.Select(label => label.Key).ToArray();
        _layouts = labels.Select(label => label.Value).ToArray();
        _starts = new int[_layouts.Length];
        _lengths = new int[_layouts.Length];
        _fixed = _layouts.Select(layout => layout is SimpleLayout { IsFixedText: true } simple ? simple.FixedText : null).ToArray();
        _format = options.Format;
        _tenant = options.Push.Tenant;
        _prefix = options.LabelPropertyPrefix;
        _allProperties = options.EventPropertiesAsLabels;
        _excluded = excluded;
        _text = text;
        _onlyLevelVaries = !TakesProperties && _layouts.Zip(_fixed, (layout, text) => text is not null || layout is LevelLayout).All(ok => ok);
    }

    /// <summary>Whether event properties can be labels.</summary>
    public bool TakesProperties => _allProperties || _prefix.Length > 0;

    /// <summary>Whether this property is a label, so that it is not sent as metadata too.</summary>
    public bool Takes(string propertyName) =>
        _allProperties || (_prefix.Length > 0 && propertyName.StartsWith(_prefix, StringComparison.Ordinal) && propertyName.Length > _prefix.Length);

    /// <summary>
    /// The stream. What is past the fifteenth, and properties whose label is taken, go to <paramref name="excess"/>;
    /// <paramref name="cut"/> counts them and the values that were cut.
    /// </summary>
    public StreamKey Render(LogEventInfo logEvent, Captured? captured, List<KeyValuePair<string, string>> excess, out int cut)
    {
        cut = 0;
        if (_onlyLevelVaries && _names.Length <= MaxLabels)
        {
            ref var known = ref _byLevel[Math.Min(logEvent.Level.Ordinal, _byLevel.Length - 1)];
            if (known is null)
            {
                RenderValues(logEvent);
                known = new StreamKey(_tenant, Create(Clean(ref cut), excess, ref cut));
            }

            return known;
        }

        var key = RenderValues(logEvent);
        if (TakesProperties)
        {
            // Every event may have other names, so only the set itself can be looked up.
            var labels = Clean(ref cut);
            AddProperties(logEvent, captured, labels, excess, ref cut);
            var set = Create(labels, excess, ref cut);
            return Keep(set.ToString().AsSpan(), set);
        }

        // Cut values are counted for each event, so they are not kept.
        if (_names.Length <= MaxLabels && _streams.Find(key) is { } kept)
            return kept;
        var created = Create(Clean(ref cut), excess, ref cut);
        return cut == 0 ? Keep(key, created) : new StreamKey(_tenant, created);
    }

    private StreamKey Keep(ReadOnlySpan<char> key, LabelSet set)
    {
        if (_streams.Find(key) is { } kept)
            return kept;
        var stream = new StreamKey(_tenant, set);
        _streams.Add(key, stream);
        return stream;
    }

    // One value after the other, each with its length, which keeps values apart that hold whatever would separate them.
    private ReadOnlySpan<char> RenderValues(LogEventInfo logEvent)
    {
        _rendered.Clear();
        if (_rendered.Capacity > MaxKeptChars)
            _rendered.Capacity = FirstChars;
        for (var i = 0; i < _layouts.Length; i++)
        {
            _starts[i] = _rendered.Length;
            if (_fixed[i] is { } text)
                _rendered.Append(text);
            else if (_layouts[i] is LevelLayout)
                _rendered.Append(LevelLayout.NameOf(logEvent.Level));
            else
                _layouts[i].Render(logEvent, _rendered);
            _lengths[i] = _rendered.Length - _starts[i];
            _rendered.Append((char)(_lengths[i] >> 16)).Append((char)_lengths[i]);
        }

        if (_chars.Length < _rendered.Length || _chars.Length > MaxKeptChars)
            _chars = new char[Math.Max(_rendered.Length, FirstChars)];
        _rendered.CopyTo(0, _chars, 0, _rendered.Length);
        return new ReadOnlySpan<char>(_chars, 0, _rendered.Length);
    }

    private List<KeyValuePair<string, string>> Clean(ref int cut)
    {
        var labels = new List<KeyValuePair<string, string>>(_names.Length);
        for (var i = 0; i < _names.Length; i++)
            Add(labels, _names[i], new string(_chars, _starts[i], _lengths[i]), ref cut);
        return labels;
    }

    private static void Add(List<KeyValuePair<string, string>> labels, string name, string value, ref int cut)
    {
        var clean = LabelValue.Clean(value, out var wasCut);
        if (wasCut)
            cut++;
        if (clean.Length > 0)
            labels.Add(new KeyValuePair<string, string>(name, clean));
    }

    private void AddProperties(LogEventInfo logEvent, Captured? captured, List<KeyValuePair<string, string>> labels,
        List<KeyValuePair<string, string>> excess, ref int cut)
    {
        if (!VolatileProperties.Exist(logEvent))
            return;
        _taken.Clear();
        _taken.UnionWith(_names);
        foreach (var property in logEvent.Properties)
        {
            var name = PropertyText.Name(property.Key);
            if (!Takes(name) || _excluded.Contains(name))
                continue;
            var text = captured?.TextOf(name) ?? _text.Of(property.Value, logEvent.FormatProvider);
            var label = LokiName.Label(_allProperties ? name : name.Substring(_prefix.Length));
            // What the configuration names stands; of two properties that collapse to one name the first does.
            if (_taken.Add(label))
            {
                Add(labels, label, text, ref cut);
            }
            else if (text.Length > 0)
            {
                excess.Add(new KeyValuePair<string, string>(name, text));
                cut++;
            }
        }
    }

    private LabelSet Create(List<KeyValuePair<string, string>> labels, List<KeyValuePair<string, string>> excess, ref int cut)
    {
        var taken = new List<KeyValuePair<string, string>>(labels.Count);
        var counted = 0;
        foreach (var label in labels)
        {
            if (label.Key == "service_name" || counted++ < MaxLabels)
            {
                taken.Add(label);
            }
            else
            {
                excess.Add(label);
                cut++;
            }
        }

        // A stream without labels is refused by a Loki that discovers no service name; this is the name that others discover.
        if (taken.Count == 0)
            taken.Add(new KeyValuePair<string, string>("service_name", "unknown_service"));
        return new LabelSet(taken, _format);
    }
}
