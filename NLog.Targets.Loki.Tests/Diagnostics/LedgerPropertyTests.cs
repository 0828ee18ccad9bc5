using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Threading.Tasks;
using NUnit.Framework;

namespace NLog.Targets.Loki.Tests.Diagnostics;

/// <summary>Random events, answers, flushes, reloads and closes: every term of the ledger is what an independent count says, after every step.</summary>
[Category("Ledger")]
public sealed class LedgerPropertyTests
{
    private const int Steps = 150;

    /// <summary>Set it to the seed that a failure names, to run the same steps again.</summary>
    private const string SeedVariable = "LOKI_TEST_SEED";

    /// <summary>Fewer than all seeds, for tools/mutate-ledger.sh.</summary>
    private const string CountVariable = "LOKI_TEST_SEEDS";

    private static IEnumerable<int> Seeds => Enumerable.Range(1, Read(CountVariable) ?? 30);

    [TestCaseSource(nameof(Seeds))]
    public Task Every_term_is_what_an_independent_count_says(int seed) => RunAsync(seed);

    [Test]
    public Task Every_term_is_what_an_independent_count_says_with_a_new_seed() => RunAsync(Read(SeedVariable) ?? Random.Shared.Next(1000, int.MaxValue));

    private static int? Read(string variable) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    private static async Task RunAsync(int seed)
    {
        await TestContext.Out.WriteLineAsync($"seed {seed}; the same steps again with {SeedVariable}={seed}");
        var run = new LedgerRun(seed);
        try
        {
            // Away from NUnit's context, which would move what follows an answer to another thread.
            await Task.Run(async () =>
            {
                await run.StepsAsync(Steps);
                if (seed % 2 == 0)
                    await run.DrainAsync();
                await run.CloseAsync();
            });
        }
        catch (Exception)
        {
            await TestContext.Out.WriteLineAsync(run.Trace);
            throw;
        }
    }
}
