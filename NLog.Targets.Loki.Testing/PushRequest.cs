using System;

namespace NLog.Targets.Loki.Testing;

/// <summary>A push as it came over the wire.</summary>
/// <param name="Body">The body, without what lies beyond the largest size.</param>
/// <param name="ReceivedSize">The size of the whole body.</param>
/// <param name="DeclaredSize">The <c>Content-Length</c>, if there was one.</param>
/// <param name="ContentType">The header of that name.</param>
/// <param name="ContentEncoding">The header of that name.</param>
/// <param name="BackfillShard">The <c>X-Loki-Backfill-Shard</c>.</param>
internal sealed record PushRequest(
    ReadOnlyMemory<byte> Body, long ReceivedSize, long? DeclaredSize, string? ContentType, string? ContentEncoding, string? BackfillShard)
{
    public static readonly PushRequest None = new(default, 0, null, null, null, null);
}
