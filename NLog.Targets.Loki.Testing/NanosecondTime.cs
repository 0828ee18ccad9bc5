using System;
using System.Globalization;

namespace NLog.Targets.Loki.Testing;

/// <summary>Times as nanoseconds since 1970, and how Go prints them.</summary>
internal static class NanosecondTime
{
    public const long PerSecond = 1_000_000_000;

    /// <summary>Seconds at the start of the year 1, Go's zero time.</summary>
    public const long YearOne = -62135596800;

    public const long YearTenThousand = 253402300800;

    public static long Of(DateTimeOffset time) => (time.UtcTicks - DateTime.UnixEpoch.Ticks) * 100;

    /// <summary>At most 146 years, so that it can be added to any present time.</summary>
    public static long Of(TimeSpan span) => Math.Clamp(span.Ticks, long.MinValue / 200, long.MaxValue / 200) * 100;

    /// <summary>Go's <c>UnixNano</c>: outside the years 1678 to 2262 the number wraps around.</summary>
    public static long Wrapped(long seconds, int nanos) => unchecked((seconds * PerSecond) + nanos);

    public static string Rfc3339(long nanoseconds) => Rfc3339OfSeconds(FloorSeconds(nanoseconds));

    public static string Rfc3339OfSeconds(long seconds) =>
        DateTime.UnixEpoch.AddSeconds(seconds).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    /// <summary>The form of Go's <c>time.Time.String</c>, which leaves out trailing zeros of the fraction.</summary>
    public static string GoText(long nanoseconds)
    {
        var fraction = nanoseconds - (FloorSeconds(nanoseconds) * PerSecond);
        var digits = fraction == 0 ? "" : "." + fraction.ToString("d9", CultureInfo.InvariantCulture).TrimEnd('0');
        return DateTime.UnixEpoch.AddSeconds(FloorSeconds(nanoseconds)).ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture) + digits + " +0000 UTC";
    }

    public static long FloorSeconds(long nanoseconds) =>
        nanoseconds >= 0 ? nanoseconds / PerSecond : -((-(nanoseconds + 1) / PerSecond) + 1);
}
