using System;
using System.Globalization;
using System.Text.RegularExpressions;

namespace NLog.Targets.Loki.Testing;

/// <summary>Sizes and durations as Loki's configuration writes them.</summary>
internal static partial class GoUnits
{
    /// <summary>
    /// Bytes: <c>512B</c>, <c>4KB</c>, <c>1.5MB</c>, <c>4096</c>; all units are powers of 1024 (flagext.ByteSize). Loki's sizes have no
    /// sign: one past the greatest number here is that number.
    /// </summary>
    public static long Size(string text)
    {
        var match = SizeText().Match(text);
        var power = match.Success ? "KMGTPE".IndexOf((match.Groups["unit"].Value.ToUpperInvariant() + "B")[0], StringComparison.Ordinal) + 1 : throw new FormatException();
        var size = double.Parse(match.Groups["number"].Value, CultureInfo.InvariantCulture) * Math.Pow(1024, power);
        return size >= long.MaxValue ? long.MaxValue : (long)size;
    }

    /// <summary>A duration: <c>3h</c>, <c>1h30m</c>, <c>-1ns</c>, <c>7d</c>, <c>0</c> (time.Duration and model.Duration).</summary>
    public static TimeSpan Duration(string text)
    {
        var match = DurationText().Match(text);
        if (text == "0" || !match.Success)
        {
            return text == "0" ? TimeSpan.Zero : throw new FormatException();
        }

        var ticks = 0d;
        for (var i = 0; i < match.Groups["number"].Captures.Count; i++)
        {
            ticks += double.Parse(match.Groups["number"].Captures[i].Value, CultureInfo.InvariantCulture) * match.Groups["unit"].Captures[i].Value switch
            {
                "ns" => TimeSpan.TicksPerMicrosecond / 1000d,
                "us" or "µs" or "μs" => TimeSpan.TicksPerMicrosecond,
                "ms" => TimeSpan.TicksPerMillisecond,
                "s" => TimeSpan.TicksPerSecond,
                "m" => TimeSpan.TicksPerMinute,
                "h" => TimeSpan.TicksPerHour,
                "d" => TimeSpan.TicksPerDay,
                "w" => 7d * TimeSpan.TicksPerDay,
                _ => 365d * TimeSpan.TicksPerDay,
            };
        }

        return new TimeSpan(checked((long)(match.Groups["minus"].Success ? -ticks : ticks)));
    }

    [GeneratedRegex(@"^(?<number>\d+(\.\d+)?) ?(?<unit>[KMGTPE])?I?B?$", RegexOptions.IgnoreCase)]
    private static partial Regex SizeText();

    [GeneratedRegex(@"^(?<minus>-)?(?:(?<number>\d+(?:\.\d+)?)(?<unit>ns|us|µs|μs|ms|s|m|h|d|w|y))+$")]
    private static partial Regex DurationText();
}
