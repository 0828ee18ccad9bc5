using System.Collections.Generic;
using System.Globalization;
using System.Text;

namespace NLog.Targets.Loki.Encoding;

/// <summary>Writes the labels of a stream as JSON and as LogQL.</summary>
internal static class LabelEncoder
{
    public static string Json(IReadOnlyCollection<KeyValuePair<string, string>> labels)
    {
        var json = new StringBuilder("{");
        foreach (var label in labels)
        {
            if (json.Length > 1)
                json.Append(',');
            json.Append('"').Append(label.Key).Append("\":");
            Quote(json, label.Value);
        }

        return json.Append('}').ToString();
    }

    /// <summary><c>{a="b", c="d"}</c>, which Loki parses in a protobuf push (pkg/logql/syntax, ParseLabels).</summary>
    public static string LogQL(IReadOnlyCollection<KeyValuePair<string, string>> labels)
    {
        var text = new StringBuilder("{");
        foreach (var label in labels)
        {
            if (text.Length > 1)
                text.Append(", ");
            text.Append(label.Key).Append('=');
            Quote(text, label.Value);
        }

        return text.Append('}').ToString();
    }

    // These escapes mean the same in JSON and in a quoted string of Go, and leave no line break, which the latter may not hold.
    private static void Quote(StringBuilder text, string value)
    {
        text.Append('"');
        foreach (var c in value)
        {
            if (c is '"' or '\\')
                text.Append('\\').Append(c);
            else if (c < ' ')
                text.Append("\\u").Append(((int)c).ToString("x4", CultureInfo.InvariantCulture));
            else
                text.Append(c);
        }

        text.Append('"');
    }
}
