using System.Collections.Concurrent;
using System.Collections.Generic;
using System.IO;

namespace NLog.Targets.Loki.Tests.Support;

/// <summary>Owns the lines of NLog's internal log, which are written on any thread while a test reads them.</summary>
internal sealed class InternalLogLines : TextWriter
{
    private readonly ConcurrentQueue<string> _lines = new();

    public override System.Text.Encoding Encoding => System.Text.Encoding.UTF8;

    public IReadOnlyList<string> Lines => [.. _lines];

    public override string ToString() => string.Join('\n', _lines);

    public override void WriteLine(string? value) => _lines.Enqueue(value ?? "");
}
