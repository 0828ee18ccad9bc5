using System;
using System.Linq;

namespace NLog.Targets.Loki.Testing;

/// <summary>The tenant of a request (dskit's user and tenant packages).</summary>
internal static class TenantId
{
    public static string From(string? header)
    {
        if (string.IsNullOrEmpty(header))
        {
            throw new PushRefusal(401, "no org id");
        }

        // What follows a colon is metadata of the id.
        var ids = header.Split('|').Select(id => id.Split(':')[0]).Distinct(StringComparer.Ordinal).ToArray();
        foreach (var id in ids)
        {
            Check(id);
        }

        return ids.Length == 1 ? ids[0] : throw new PushRefusal(400, "multiple org IDs present");
    }

    private static void Check(string id)
    {
        foreach (var rune in id.EnumerateRunes())
        {
            if (!rune.IsAscii || !(char.IsAsciiLetterOrDigit((char)rune.Value) || "!-_.*'()".Contains((char)rune.Value, StringComparison.Ordinal)))
            {
                throw new PushRefusal(400, $"tenant ID '{id}' contains unsupported character '{rune}'");
            }
        }

        if (id.Length > 150)
        {
            throw new PushRefusal(400, "tenant ID is too long: max 150 characters");
        }

        if (id is "." or "..")
        {
            throw new PushRefusal(400, "tenant ID is '.' or '..'");
        }
    }
}
