using System.Collections.Generic;
using System.Text;

namespace NLog.Targets.Loki;

/// <summary>All drop reasons in their order, their groups and their texts.</summary>
internal static class LokiDropReasons
{
    public static readonly IReadOnlyList<LokiDropReason> All = CreateAll();

    /// <summary>Rejected by Loki, as opposed to dropped on our side of the wire.</summary>
    public static bool IsRejection(LokiDropReason reason) => reason is LokiDropReason.Rejected or LokiDropReason.TooOld
        or LokiDropReason.Blocked or LokiDropReason.StreamLimit or LokiDropReason.Poison;

    public static string ToText(LokiDropReason reason)
    {
        var text = new StringBuilder();
        foreach (var c in reason.ToString())
        {
            if (c is >= 'A' and <= 'Z' && text.Length > 0)
                text.Append('_');
            text.Append(char.ToLowerInvariant(c));
        }

        return text.ToString();
    }

    private static LokiDropReason[] CreateAll()
    {
        var all = new LokiDropReason[(int)LokiDropReason.Misconfigured + 1];
        for (var i = 0; i < all.Length; i++)
            all[i] = (LokiDropReason)i;
        return all;
    }
}
