using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text.RegularExpressions;

namespace NLog.Targets.Loki.Tests.Hostile;

/// <summary>
/// What docs/settings.md says becomes of names and values, written from that page alone and sharing nothing with the
/// product, with what Loki itself makes of the result.
/// </summary>
internal static class Rewriting
{
    public static string Line(string line, int maxBytes) => Cut(Replace(line, "\uFFFD"), maxBytes);

    /// <summary>Loki stores a space where it finds U+FFFD.</summary>
    public static string MetadataValue(string value, int maxBytes) => Cut(Replace(value, "\uFFFD"), maxBytes).Replace('\uFFFD', ' ');

    public static string LabelValue(string value) => Cut(Replace(value, "?").Replace('\uFFFD', '?'), 2048);

    public static string LabelName(string name)
    {
        name = Regex.Replace(Prefix(name, 1024), "[^a-zA-Z0-9_]", "_");
        name = Regex.Replace(name, "^_+(?=_)", "");
        name = name is "" or "_" ? "label" : name;
        return Prefix(char.IsAsciiDigit(name[0]) ? "_" + name : name, 1024);
    }

    public static string MetadataName(string name)
    {
        name = Prefix(Regex.Replace(name, "[^a-zA-Z0-9]+", "_"), 1024);
        if (!name.Any(char.IsAsciiLetterOrDigit))
            return "property";
        return char.IsAsciiDigit(name[0]) ? "key_" + name : name;
    }

    /// <summary>Structured metadata of an event with these properties, in this order, as Loki stores it.</summary>
    public static Dictionary<string, string> Metadata(IEnumerable<KeyValuePair<string, string>> properties)
    {
        var metadata = new Dictionary<string, string>();
        foreach (var (name, value) in properties.Where(property => property.Value.Length > 0))
        {
            var plain = MetadataName(name);
            var free = plain;
            for (var n = 2; metadata.ContainsKey(free); n++)
                free = plain.TrimEnd('_') + "_" + n.ToString(CultureInfo.InvariantCulture);
            metadata.Add(free, MetadataValue(value, 10_240));
        }

        return metadata;
    }

    private static string Prefix(string text, int length) => text.Length <= length ? text : text[..length];

    private static string Replace(string text, string loneSurrogate) =>
        Regex.Replace(text, "[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]", loneSurrogate);

    // The longest prefix of whole characters.
    private static string Cut(string text, int maxBytes)
    {
        var length = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            if ((maxBytes -= rune.Utf8SequenceLength) < 0)
                break;
            length += rune.Utf16SequenceLength;
        }

        return text[..length];
    }
}
