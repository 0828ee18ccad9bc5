using System;
using System.Collections.Generic;
using System.Linq;
using System.Net.Http;
using System.Text.Json;
using System.Threading.Tasks;

namespace NLog.Targets.Loki.Tests.Support;

/// <summary>Owns one push that a <see cref="HoldingLoki"/> has read and not answered.</summary>
internal sealed class HeldPush
{
    private HeldPush(int bytes, TimeSpan arrivedAt, IReadOnlyDictionary<string, string> labels, IReadOnlyList<(string Nanoseconds, string Line)> entries)
    {
        Bytes = bytes;
        ArrivedAt = arrivedAt;
        Labels = labels;
        Entries = entries;
    }

    public int Bytes { get; }

    public TimeSpan ArrivedAt { get; }

    public IReadOnlyDictionary<string, string> Labels { get; }

    public IReadOnlyList<(string Nanoseconds, string Line)> Entries { get; }

    // What waits for the answer goes on inside of the call that gives it: when that returns, the target has obeyed.
    public TaskCompletionSource<HttpResponseMessage> Answer { get; } = new();

    public static HeldPush Read(byte[] body, TimeSpan now)
    {
        using var json = JsonDocument.Parse(body);
        var stream = json.RootElement.GetProperty("streams").EnumerateArray().Single();
        return new HeldPush(
            body.Length,
            now,
            stream.GetProperty("stream").EnumerateObject().ToDictionary(label => label.Name, label => label.Value.GetString()!),
            [.. stream.GetProperty("values").EnumerateArray().Select(value => (value[0].GetString()!, value[1].GetString()!))]);
    }
}
