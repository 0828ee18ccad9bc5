using System;
using System.Text;

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

        // What follows a colon is metadata of the id. Only the first id is checked: any other one is one too many.
        var ids = Array.ConvertAll(header.Split('|'), id => id.Split(':')[0]);
        Check(ids[0]);
        return Array.TrueForAll(ids, id => id == ids[0]) ? ids[0] : throw new PushRefusal(400, "multiple org IDs present");
    }

    private static void Check(string id)
    {
        // Byte by byte, as Loki does: of a character past ASCII the text shows the first byte as if it were Latin-1.
        foreach (var next in Encoding.UTF8.GetBytes(id))
        {
            if (!char.IsAsciiLetterOrDigit((char)next) && !"!-_.*'()".Contains((char)next, StringComparison.Ordinal))
            {
                throw new PushRefusal(400, $"tenant ID '{id}' contains unsupported character '{(char)next}'");
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
