using System;
using System.Globalization;

namespace NLog.Targets.Loki.Testing;

/// <summary>Times as nanoseconds since 1970, and how Go prints them.</summary>
internal static class NanosecondTime
{
    public const long PerSecond = 1_000_000_000;

    public static long Of(DateTimeOffset time) => (time.UtcTicks - DateTime.UnixEpoch.Ticks) * 100;

    public static long Of(TimeSpan span) => span.Ticks * 100;

    public static string Rfc3339(long nanoseconds) =>
        Seconds(nanoseconds).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    /// <summary>The form of Go's <c>time.Time.String</c>, which leaves out trailing zeros of the fraction.</summary>
    public static string GoText(long nanoseconds)
    {
        var fraction = nanoseconds - (FloorSeconds(nanoseconds) * PerSecond);
        var digits = fraction == 0 ? "" : "." + fraction.ToString("d9", CultureInfo.InvariantCulture).TrimEnd('0');
        return Seconds(nanoseconds).ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture) + digits + " +0000 UTC";
    }

    private static long FloorSeconds(long nanoseconds) =>
        nanoseconds >= 0 ? nanoseconds / PerSecond : -((-(nanoseconds + 1) / PerSecond) + 1);

    private static DateTime Seconds(long nanoseconds) => DateTime.UnixEpoch.AddSeconds(FloorSeconds(nanoseconds));
}
