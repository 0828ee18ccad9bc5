using System;

namespace NLog.Targets.Loki.Testing;

/// <summary>A body without its content encoding, as far as it could be read.</summary>
/// <param name="Bytes">What was read.</param>
/// <param name="Broken">
/// Why there is no more: what a reader that asks for more gets to hear. Loki's JSON reader stops asking at the closing brace, so
/// what is wrong behind it is never noticed.
/// </param>
internal sealed record PushContent(ReadOnlyMemory<byte> Bytes, PushRefusal? Broken);
