using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Threading.Tasks;
using NLog.Targets.Loki.Testing;
using NLog.Targets.Loki.Tests.Support;
using NUnit.Framework;

namespace NLog.Targets.Loki.Tests.Integration;

/// <summary>Random wrappers around random queues, with bursts, flushes and reloads: the books are the truth at the end, and never fall on the way.</summary>
[Category("Ledger")]
[NonParallelizable]
public sealed class WrapperPropertyTests : ServerTests
{
    private const int Steps = 25;

    /// <summary>Set it to the seed that a failure names, to run the same steps again.</summary>
    private const string SeedVariable = "LOKI_TEST_SEED";

    /// <summary>How many seeds.</summary>
    private const string CountVariable = "LOKI_TEST_SEEDS";

    private static IEnumerable<int> Seeds => Enumerable.Range(1, Read(CountVariable) ?? 6);

    protected override LokiTestServerOptions Options => new() { Limits = new LokiLimits { MaxGlobalStreamsPerUser = 0 }.WithoutRates() };

    [TestCaseSource(nameof(Seeds))]
    public Task The_books_behind_random_wrappers_are_the_truth(int seed) => RunAsync(seed);

    [Test]
    public Task The_books_behind_random_wrappers_are_the_truth_with_a_new_seed() => RunAsync(Read(SeedVariable) ?? Random.Shared.Next(1000, int.MaxValue));

    private static int? Read(string variable) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    private async Task RunAsync(int seed)
    {
        var random = new Random(seed);
        var wraps = Enumerable.Range(0, random.Next(2, 5)).Select(_ => Wrap.All[random.Next(Wrap.All.Count)]).ToList();
        using var wrapped = new WrappedLoki(Server, wraps, counts: true, new[] { 20, 200, 100_000 }[random.Next(3)]);
        await TestContext.Out.WriteLineAsync($"seed {seed}: {wrapped.Name}; the same steps again with {SeedVariable}={seed}");
        for (var step = 0; step < Steps; step++)
        {
            switch (random.Next(10))
            {
                case < 5:
                    wrapped.Log(random.Next(1, 300));
                    break;
                case < 7:
                    var (one, other) = (random.Next(1, 300), random.Next(1, 300));
                    await Task.WhenAll(Task.Run(() => wrapped.Log(one)), Task.Run(() => wrapped.Log(other)));
                    break;
                case < 9:
                    wrapped.Flush();
                    break;
                default:
                    // A copy that its wrapper makes of an event after the close is one that NLog keeps from the target.
                    if (wrapped.Repeats)
                        wrapped.Settle();
                    wrapped.Reload();
                    break;
            }
        }

        wrapped.AssertBooks();
        await TestContext.Out.WriteLineAsync(wrapped.Statistics.ToString());
    }
}
