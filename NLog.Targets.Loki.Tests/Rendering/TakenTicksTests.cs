using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using NLog.Targets.Loki.Rendering;
using NUnit.Framework;

namespace NLog.Targets.Loki.Tests.Rendering;

public sealed class TakenTicksTests
{
    /// <summary>Set it to the seed that a failure names, to take the same ticks again.</summary>
    private const string SeedVariable = "LOKI_TEST_SEED";

    private static IEnumerable<int> Seeds => Enumerable.Range(1, 10);

    [Test]
    public void A_free_tick_is_kept_and_a_taken_one_moves_to_the_next_free_one()
    {
        var taken = new TakenTicks(8);
        Assert.That(Take(taken, 100, 50, 100, 50, 51, 52, 101, 99), Is.EqualTo(new long[] { 100, 50, 101, 51, 52, 53, 102, 99 }));
        Assert.That(taken.Intervals, Is.EqualTo(2));
    }

    [Test]
    public void Intervals_that_touch_become_one_and_a_tick_in_it_goes_to_its_very_end()
    {
        var taken = new TakenTicks(8);
        Take(taken, 10, 20, 12, 30);
        Assert.That(taken.Intervals, Is.EqualTo(4));
        Assert.That(Take(taken, 11), Is.EqualTo(new long[] { 11 }), "between two");
        Assert.That(taken.Intervals, Is.EqualTo(3));
        Assert.That(Take(taken, 10, 9, 9), Is.EqualTo(new long[] { 13, 9, 14 }));
        Assert.That(Take(taken, 19, 15, 16, 17), Is.EqualTo(new long[] { 19, 15, 16, 17 }));
        Assert.That(Take(taken, 15), Is.EqualTo(new long[] { 18 }), "the last free one before the next interval");
        Assert.That(taken.Intervals, Is.EqualTo(2));
        Assert.That(Take(taken, 9, 30), Is.EqualTo(new long[] { 21, 31 }));
    }

    [Test]
    public void A_full_memory_forgets_the_interval_used_longest_ago_however_old_its_ticks_are()
    {
        var taken = new TakenTicks(3);
        Take(taken, 10, 20, 30, 10, 40);
        Assert.That(taken.Intervals, Is.EqualTo(3));
        Assert.That(Take(taken, 10, 30, 40), Is.EqualTo(new long[] { 12, 31, 41 }), "10 is the oldest, but was used again");
        Assert.That(Take(taken, 20), Is.EqualTo(new long[] { 20 }), "forgotten");
        Assert.That(Take(taken, 10), Is.EqualTo(new long[] { 10 }), "now this one was used longest ago");
    }

    [Test]
    public void Ticks_that_never_touch_and_never_end_take_no_more_memory()
    {
        var taken = new TakenTicks(4096);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100_000; i++)
        {
            taken.Take(1_000_000 + (3 * i));
            taken.Take(1_000_000_000 - (3 * i));
        }

        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.Zero);
        Assert.That(taken.Intervals, Is.EqualTo(4096));
    }

    [TestCaseSource(nameof(Seeds))]
    public void Whatever_comes_in_whatever_order_is_what_plain_lists_say(int seed) => Compare(seed);

    [Test]
    public void Whatever_comes_in_whatever_order_is_what_plain_lists_say_with_a_new_seed() =>
        Compare(int.TryParse(Environment.GetEnvironmentVariable(SeedVariable), NumberStyles.None, CultureInfo.InvariantCulture, out var seed) ? seed : Random.Shared.Next(1000, int.MaxValue));

    // Nothing was forgotten yet: the tick is the first free one of all. From then on: as the intervals that are left say.
    private static void Compare(int seed)
    {
        TestContext.Out.WriteLine($"seed {seed}; the same ticks again with {SeedVariable}={seed}");
        var random = new Random(seed);
        foreach (var capacity in new[] { 1, 2, 3, 16, 100, 5000 })
        {
            var taken = new TakenTicks(capacity);
            var given = new HashSet<long>();
            var intervals = new List<(long Start, long End)>();
            var forgotten = false;
            var now = 1_000L;
            for (var step = 0; step < 1500; step++)
            {
                var tick = random.Next(10) switch
                {
                    < 4 => now,
                    < 6 => now += random.Next(4),
                    < 7 => now += random.Next(100),
                    < 8 => now - random.Next(200),
                    < 9 => random.Next(40),
                    _ => 500 + random.Next(3 * capacity),
                };
                var wanted = Take(intervals, tick, capacity, ref forgotten);
                var what = $"capacity {capacity}, step {step}, tick {tick}";
                if (!forgotten)
                {
                    var free = tick;
                    while (given.Contains(free))
                        free++;
                    Assert.That(wanted, Is.EqualTo(free), "the list: " + what);
                    given.Add(free);
                }

                Assert.That(taken.Take(tick), Is.EqualTo(wanted), what);
                Assert.That(taken.Intervals, Is.EqualTo(intervals.Count).And.LessThanOrEqualTo(capacity), what);
            }

            Assert.That(forgotten, Is.EqualTo(capacity < 5000), "both kinds are tried");
        }
    }

    // The list holds the intervals in the order of their last use.
    private static long Take(List<(long Start, long End)> intervals, long tick, int capacity, ref bool forgotten)
    {
        var around = intervals.FindIndex(interval => interval.Start <= tick && tick <= interval.End);
        var wanted = around < 0 ? tick : intervals[around].End + 1;
        var (start, end) = (wanted, wanted);
        foreach (var touched in intervals.Where(interval => interval.End + 1 == wanted || interval.Start == wanted + 1).ToList())
        {
            (start, end) = (Math.Min(start, touched.Start), Math.Max(end, touched.End));
            intervals.Remove(touched);
        }

        if (intervals.Count == capacity)
        {
            intervals.RemoveAt(0);
            forgotten = true;
        }

        intervals.Add((start, end));
        return wanted;
    }

    private static long[] Take(TakenTicks taken, params long[] ticks) => ticks.Select(taken.Take).ToArray();
}
