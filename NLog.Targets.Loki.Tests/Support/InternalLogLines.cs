using System.Collections.Concurrent;
using System.Collections.Generic;
using System.IO;
using NLog.Common;

namespace NLog.Targets.Loki.Tests.Support;

/// <summary>
/// The lines of NLog's internal log from its creation until it is disposed of; they are written on any thread while a test reads them.
/// </summary>
internal sealed class InternalLogLines : TextWriter
{
    private readonly ConcurrentQueue<string> _lines = new();
    private readonly LogLevel _levelBefore = InternalLogger.LogLevel;

    public InternalLogLines(LogLevel level)
    {
        InternalLogger.LogWriter = this;
        InternalLogger.LogLevel = level;
    }

    public override System.Text.Encoding Encoding => System.Text.Encoding.UTF8;

    public IReadOnlyList<string> Lines => [.. _lines];

    public override string ToString() => string.Join('\n', _lines);

    public override void WriteLine(string? value) => _lines.Enqueue(value ?? "");

    protected override void Dispose(bool disposing)
    {
        InternalLogger.LogWriter = null;
        InternalLogger.LogLevel = _levelBefore;
        base.Dispose(disposing);
    }
}
