using System;
using System.Collections.Generic;
using System.Linq;
using System.Net.Http;
using System.Text.RegularExpressions;
using System.Threading.Tasks;
using IronSnappy;
using NLog.Targets.Loki.Tests.Encoding;

namespace NLog.Targets.Loki.Tests.Support;

/// <summary>One push that a <see cref="HoldingLoki"/> has read and not answered.</summary>
internal sealed class HeldPush
{
    private HeldPush(int bytes, TimeSpan arrivedAt, IReadOnlyDictionary<string, string> labels, IReadOnlyList<DecodedEntry> entries)
    {
        Bytes = bytes;
        ArrivedAt = arrivedAt;
        Labels = labels;
        Entries = entries;
    }

    public int Bytes { get; }

    public TimeSpan ArrivedAt { get; }

    public IReadOnlyDictionary<string, string> Labels { get; }

    public IReadOnlyList<DecodedEntry> Entries { get; }

    // What waits for the answer goes on inside of the call that gives it: when that returns, the target has obeyed.
    public TaskCompletionSource<HttpResponseMessage> Answer { get; } = new();

    public static HeldPush Read(byte[] body, bool isProtobuf, TimeSpan now)
    {
        var (text, entries) = isProtobuf ? DecodedEntry.FromProtobufBody(Snappy.Decode(body)) : DecodedEntry.FromJsonBody(body);
        // "name":"value" or name="value"; the labels of these tests need no escapes.
        var labels = Regex.Matches(text, "\"?(\\w+)\"?[:=]\"([^\"\\\\]*)\"").ToDictionary(label => label.Groups[1].Value, label => label.Groups[2].Value);
        return new HeldPush(body.Length, now, labels, entries);
    }
}
