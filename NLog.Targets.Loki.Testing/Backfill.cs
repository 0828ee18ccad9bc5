using System.Collections.Generic;
using System.Linq;
using System.Text;

namespace NLog.Targets.Loki.Testing;

/// <summary>The <c>X-Loki-Backfill-Shard</c> header and the labels it stands for (pkg/loghttp/push/backfill.go).</summary>
internal static class Backfill
{
    public const string Label = "__backfill__";

    public const string ShardLabel = "__backfill_shard__";

    private const int MaxLength = 128;

    public static void Check(string? shard)
    {
        var length = Encoding.UTF8.GetByteCount(shard ?? "");
        if (length > MaxLength)
        {
            throw new PushRefusal(400, $"invalid X-Loki-Backfill-Shard header: value length {length} exceeds limit of {MaxLength}");
        }
    }

    public static void RefuseReserved(IReadOnlyList<KeyValuePair<string, string>> labels)
    {
        if (labels.Any(label => label.Key is Label or ShardLabel))
        {
            throw new PushRefusal(400, $"streams must not contain the reserved labels {Label} or {ShardLabel}; set the X-Loki-Backfill-Shard header to mark a push as backfill data");
        }
    }
}
