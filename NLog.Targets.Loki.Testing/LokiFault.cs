using System;
using System.Collections.Generic;
using System.Linq;

namespace NLog.Targets.Loki.Testing;

/// <summary>
/// What the server does to a push instead of treating it well. Everything not said stays as Loki would do it: the whole body is
/// read, the push is judged and stored, the answer is Loki's own, and the connection is kept. The answer goes out byte for
/// byte as described here, so that it may also be one that no server should give.
/// </summary>
/// <example><c>server.Faults.Add(new LokiFault { Status = 429, Headers = [("Retry-After", "-1")] }, count: 3);</c></example>
public sealed record LokiFault
{
    /// <summary>The <see cref="BodyLength"/> of a body that ends when the client leaves.</summary>
    public const long Endless = long.MaxValue;

    /// <summary>
    /// How many bytes of the request's body are read before the rest of the fault happens; 0 acts on the headers alone. Null,
    /// the default, reads all of it. A push of which a piece is missing is not stored, unless the piece is one by itself.
    /// </summary>
    public long? RequestBytes { get; init; }

    /// <summary>How fast the request's body is read, in bytes per second; 0, the default, sets no limit.</summary>
    /// <remarks>A MiB and what the system's buffers hold is taken off the client at full speed.</remarks>
    public int RequestBytesPerSecond { get; init; }

    /// <summary>
    /// Whether the push is stored. Null, the default, stores it if the answer is Loki's own, and does not if
    /// <see cref="Status"/> or <see cref="Raw"/> replace that. False with Loki's own answer is a 204 for nothing.
    /// </summary>
    public bool? Stores { get; init; }

    /// <summary>How long the answer waits after the push was stored; none by default.</summary>
    public TimeSpan Delay { get; init; }

    /// <summary>The status answered; null, the default, is Loki's own answer with its text.</summary>
    public int? Status { get; init; }

    /// <summary>
    /// Headers in their order, repeated ones included, sent as they are. <c>Content-Length</c>, <c>Transfer-Encoding</c>,
    /// <c>Content-Encoding</c> and <c>Content-Type</c> replace those the server would write: the body does not change with them.
    /// </summary>
    public IReadOnlyList<(string Name, string Value)> Headers { get; init; } = [];

    /// <summary>The text answered with <see cref="Status"/>, in UTF-8 and sent with any status.</summary>
    public string Body { get; init; } = "";

    /// <summary>
    /// The length of the body in bytes: <see cref="Body"/> (or <c>x</c>, if empty) repeated until it is reached.
    /// <see cref="Endless"/> sends chunks until the client leaves. Null, the default, sends <see cref="Body"/> once.
    /// </summary>
    public long? BodyLength { get; init; }

    /// <summary>Whether the body is compressed, whether or not the client takes it; a gigabyte becomes about one megabyte.</summary>
    public bool Gzip { get; init; }

    /// <summary>Replaces the whole answer, status line included; each character is one byte (ISO 8859-1).</summary>
    public string? Raw { get; init; }

    /// <summary>How many bytes of the answer are sent, status line and headers included; null, the default, sends all.</summary>
    public long? AnswerBytes { get; init; }

    /// <summary>How fast the answer is sent, in bytes per second; below 100 it goes byte by byte. 0, the default, sets no limit.</summary>
    public int AnswerBytesPerSecond { get; init; }

    /// <summary>What becomes of the connection afterwards.</summary>
    public LokiFaultEnding Ending { get; init; }

    internal bool ActsOnRequest => RequestBytes is not null || RequestBytesPerSecond > 0;

    internal bool AnnouncesClose => Headers.Any(header => header.Name.Equals("Connection", StringComparison.OrdinalIgnoreCase)
        && header.Value.Equals("close", StringComparison.OrdinalIgnoreCase));

    internal bool StoresPush => Stores ?? (Status is null && Raw is null);

    /// <summary>The status a client sees, or 0 if it sees none that this server knows.</summary>
    internal int Shown(int own) => Raw is not null || AnswerBytes < "HTTP/1.1 200".Length ? 0 : Status ?? own;

    internal void Check()
    {
        ArgumentOutOfRangeException.ThrowIfNegative(RequestBytes ?? 0, nameof(RequestBytes));
        ArgumentOutOfRangeException.ThrowIfNegative(RequestBytesPerSecond, nameof(RequestBytesPerSecond));
        ArgumentOutOfRangeException.ThrowIfLessThan(Delay, TimeSpan.Zero, nameof(Delay));
        ArgumentOutOfRangeException.ThrowIfNegative(BodyLength ?? 0, nameof(BodyLength));
        ArgumentOutOfRangeException.ThrowIfNegative(AnswerBytes ?? 0, nameof(AnswerBytes));
        ArgumentOutOfRangeException.ThrowIfNegative(AnswerBytesPerSecond, nameof(AnswerBytesPerSecond));
    }
}
