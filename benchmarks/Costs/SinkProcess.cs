using System.Globalization;
using System.Linq;

namespace Costs;

/// <summary>The process of a sink.</summary>
internal sealed class SinkProcess : ChildProcess
{
    public SinkProcess(int port = 0)
        : base(false, "sink", port.ToString(CultureInfo.InvariantCulture)) => Port = int.Parse(Read(), CultureInfo.InvariantCulture);

    public int Port { get; }

    public Counters Counts => Parse(Ask("counts"));

    public int DelayMilliseconds
    {
        set => Ask("delay " + value.ToString(CultureInfo.InvariantCulture));
    }

    private static Counters Parse(string line)
    {
        var counts = line.Split(' ').Select(text => long.Parse(text, CultureInfo.InvariantCulture)).ToArray();
        return new Counters(counts[0], counts[1], counts[2]);
    }

    /// <summary>What a sink has seen so far.</summary>
    internal readonly record struct Counters(long Requests, long Bytes, long Records)
    {
        public static Counters operator -(Counters left, Counters right) =>
            new(left.Requests - right.Requests, left.Bytes - right.Bytes, left.Records - right.Records);
    }
}
