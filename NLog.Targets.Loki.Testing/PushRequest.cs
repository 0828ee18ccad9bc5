using System;

namespace NLog.Targets.Loki.Testing;

/// <summary>A push as it came over the wire.</summary>
internal sealed record PushRequest(ReadOnlyMemory<byte> Body, long ReceivedSize, string? ContentType, string? ContentEncoding);
