using System;
using System.Collections.Generic;

namespace NLog.Targets.Loki.Testing;

/// <summary>A stream of a push after decoding.</summary>
internal sealed class PushedStream
{
    private readonly string? _text;

    /// <summary>A stream whose labels need no parser: sorted by name, each name once, plain names, no empty value.</summary>
    public PushedStream(IReadOnlyList<KeyValuePair<string, string>> labels, List<PushedEntry> entries) =>
        (Labels, Entries) = (labels, entries);

    /// <summary>A stream whose labels are in writing and possibly no labels at all.</summary>
    public PushedStream(string labels, List<PushedEntry> entries) => (_text, Labels, Entries) = (labels, [], entries);

    /// <summary>Sorted by name; protobuf bodies can repeat one. Empty before <see cref="ReadLabels"/>.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Labels { get; private set; }

    public List<PushedEntry> Entries { get; }

    /// <summary>Done after the whole body was decoded, as in Loki: a fault of the body comes before one of the labels.</summary>
    public void ReadLabels()
    {
        try
        {
            Labels = _text is null ? Labels : LabelParser.Parse(_text);
        }
        catch (FormatException fault)
        {
            throw new PushRefusal(400, "couldn't parse labels: " + fault.Message);
        }
    }
}
