using System;
using System.Diagnostics;
using System.Globalization;
using System.Linq;
using System.Threading;

namespace Costs;

/// <summary>The events of a row: five properties each, from as many threads as the row says.</summary>
internal sealed class Load
{
    public const string Template = "Order {OrderId} of {Customer} took {Elapsed} ms on {Shard} and ended with {Status}";

    private const int EventsPerActivity = 10;

    // Of equal length, so that the number of streams changes no byte of a line.
    private static readonly string[] s_shards = Enumerable.Range(0, 1000).Select(i => "s" + i.ToString("d3", CultureInfo.InvariantCulture)).ToArray();
    private static readonly string[] s_customers = Enumerable.Range(0, 1000).Select(i => "C" + Scatter(i).ToString("x8", CultureInfo.InvariantCulture)).ToArray();

    private readonly Row _row;
    private readonly Action<object[]> _log;
    private int _next;

    public Load(Row row, Action<object[]> log)
    {
        _row = row;
        _log = log;
    }

    /// <summary>Logs so many events.</summary>
    public void Run(int events)
    {
        var perThread = events / _row.Threads;
        if (_row.Threads == 1)
        {
            RunOne(_next, events);
        }
        else
        {
            using var start = new ManualResetEventSlim();
            var threads = Enumerable.Range(0, _row.Threads).Select(thread => new Thread(() =>
            {
                start.Wait();
                RunOne(_next + (thread * perThread), thread == 0 ? events - (perThread * (_row.Threads - 1)) : perThread);
            })).ToList();
            threads.ForEach(thread => thread.Start());
            start.Set();
            threads.ForEach(thread => thread.Join());
        }

        _next = (_next + events) % 1_000_000;
    }

    /// <summary>Logs until it is told to stop; returns how many.</summary>
    public long RunUntil(CancellationToken stop)
    {
        long count = 0;
        for (; !stop.IsCancellationRequested; count++)
            _log(Arguments((int)(count % 1_000_000)));
        return count;
    }

    private void RunOne(int first, int events)
    {
        for (var i = 0; i < events; i++)
        {
            if (_row.Activity && i % EventsPerActivity == 0)
            {
                Activity.Current?.Stop();
                new Activity("request").Start();
            }

            _log(Arguments(first + i));
        }

        Activity.Current?.Stop();
    }

    // Values that vary as those of an application do, or gzip would be cheaper here than anywhere; of equal length in every row.
    private object[] Arguments(int i)
    {
        var chance = Scatter(i);
        return
        [
            100_000 + (int)(chance % 900_000),
            s_customers[(int)((chance >> 8) % 1000)],
            10 + ((chance >> 4) % 9_000 / 100d),
            s_shards[_row.Streams == 1 ? 0 : i % _row.Streams],
            (chance >> 12) % 16 == 0 ? 500 : 200,
        ];
    }

    private static uint Scatter(int i)
    {
        var value = (uint)i * 2_654_435_761u;
        value ^= value >> 15;
        return value * 2_246_822_519u;
    }
}
