using System.Globalization;
using System.Text.RegularExpressions;

namespace NLog.Targets.Loki.Connection;

/// <summary>
/// What Loki's text says about a refused push of one stream: how many entries are not stored, and how many of them for
/// their age. Sources: pkg/util/errors/errors.go (grouped errors), pkg/ingester/stream.go (the ingester's summary).
/// </summary>
internal readonly record struct Rejection(int Entries, int TooOld, int OutOf)
{
    /// <summary>More than any batch holds: the whole stream was refused.</summary>
    public const int All = int.MaxValue;

    private const RegexOptions Plain = RegexOptions.CultureInvariant | RegexOptions.Singleline;

    /// <summary>Null when the text does not tell.</summary>
    public static Rejection? Read(string text)
    {
        // A refusal of the stream is one of all its entries, however many errors it is counted as.
        if (Regex.IsMatch(text, @"couldn't parse labels|reserved labels|at least one valid stream|has \d+ label names|label name too long|label value too long|duplicate label name|missing required labels|at least one label pair", Plain))
            return new Rejection(All, 0, 0);
        // The ingester saw only what the distributor had let through, and its error hides that of the distributor.
        var ignored = Regex.Match(text, @"total ignored: (\d+) out of (\d+) for stream", Plain);
        if (ignored.Success)
        {
            var entries = Parse(ignored.Groups[1].Value);
            return new Rejection(entries, text.Contains("too far behind") ? entries : 0, Parse(ignored.Groups[2].Value));
        }

        var groups = Regex.Matches(text, @"(?:^|; )(\d+) errors like: (?<text>.*?)(?=; \d+ errors like: |$)", Plain);
        if (groups.Count == 0)
        {
            var isAge = IsAge(text);
            return isAge || Regex.IsMatch(text, @"^(entry for stream '.*' has timestamp too new|max entry size '|stream '.*structured metadata)", Plain)
                ? new Rejection(1, isAge ? 1 : 0, 0)
                : null;
        }

        int sum = 0, old = 0;
        foreach (Match group in groups)
        {
            var count = Parse(group.Groups[1].Value);
            sum = count > All - sum ? All : sum + count;
            old = IsAge(group.Groups["text"].Value) ? (count > All - old ? All : old + count) : old;
        }

        return new Rejection(sum, old, 0);
    }

    /// <summary>How many entries of a batch are not stored.</summary>
    public int Of(int count)
    {
        var unseen = OutOf > 0 && OutOf < count ? count - OutOf : 0;
        return Entries >= count - unseen ? count : Entries + unseen;
    }

    private static bool IsAge(string text) => text.Contains("has timestamp too old");

    private static int Parse(string digits) => int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var n) ? n : All;
}
