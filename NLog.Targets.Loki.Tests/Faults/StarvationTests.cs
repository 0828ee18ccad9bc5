using System;
using System.Diagnostics;
using System.Linq;
using System.Text.RegularExpressions;
using System.Threading;
using System.Threading.Tasks;
using NLog.Targets.Loki.Testing;
using NLog.Targets.Loki.Tests.Children;
using NLog.Targets.Loki.Tests.Support;
using NUnit.Framework;

namespace NLog.Targets.Loki.Tests.Faults;

/// <summary>A process that runs out of descriptors, of memory or of threads loses no line for it.</summary>
[NonParallelizable]
public sealed class StarvationTests : ServerTests
{
    [Test]
    [Category("N17")]
    public async Task Without_a_free_descriptor_lines_wait_and_arrive_when_there_is_one()
    {
        // The connection of the first line is gone before the descriptors are, so that the next lines need another.
        Server.Faults.Add(new LokiFault { Headers = [("Connection", "close")] });
        var output = await RunAsync("ulimit -n 300; exec \"$@\"", "descriptors");
        var during = output.Split('\n').First(line => line.StartsWith("taken=", StringComparison.Ordinal));
        Assert.That(Number(during, "taken"), Is.Positive);
        Assert.That(Number(during, "errors"), Is.Positive, during);
        Assert.That(Number(during, "delivered"), Is.EqualTo(1), during);
        Assert.That(output, Does.Contain("emitted=51 delivered=51 rejected=0 dropped=0 queued=0 buffered=0 inflight=0 retrying=0"));
        Assert.That(Server.EntryCount, Is.EqualTo(51));
    }

    [Test]
    [Category("Q8")]
    public async Task A_value_that_no_heap_can_hold_costs_its_own_text_only()
    {
        var output = await RunAsync("export DOTNET_GCHeapHardLimit=0x6000000; exec \"$@\"", "memory");
        Assert.That(output, Does.Contain("thrown"));
        Assert.That(output, Does.Contain("tried=True emitted=102 delivered=102 rejected=0 dropped=0 queued=0 buffered=0 inflight=0 retrying=0"));
        Assert.That(Server.EntryCount, Is.EqualTo(102));
        Assert.That(Server.Entries.Single(entry => entry.Line.StartsWith("huge", StringComparison.Ordinal)).Metadata["huge"], Is.EqualTo("<OutOfMemoryException>"));
    }

    [Test]
    [Category("Q7")]
    public void While_no_thread_of_the_pool_is_free_logging_goes_on_and_counts()
    {
        const int Lines = 5000;
        using var logging = Logging.To(Server.Url);
        ThreadPool.GetMaxThreads(out var mostThreads, out var mostPorts);
        ThreadPool.GetMinThreads(out var leastThreads, out _);
        using var free = new ManualResetEventSlim();
        long longest;
        try
        {
            // No more than there are, and all of them taken.
            ThreadPool.SetMaxThreads(Math.Max(leastThreads, ThreadPool.ThreadCount), mostPorts);
            ThreadPool.GetMaxThreads(out var most, out _);
            for (var i = 0; i < most; i++)
            {
                ThreadPool.UnsafeQueueUserWorkItem(_ => free.Wait(), null);
            }

            var watch = Stopwatch.StartNew();
            for (var i = 0; i < Lines; i++)
                logging.Logger().Info("line {number}", i);
            longest = watch.ElapsedMilliseconds;
            Assert.That(logging.Statistics.Emitted, Is.EqualTo(Lines));
            Assert.That(logging.Statistics.Lost, Is.Zero);
        }
        finally
        {
            free.Set();
            ThreadPool.SetMaxThreads(mostThreads, mostPorts);
        }

        Assert.That(logging.FlushAsync().GetAwaiter().GetResult(), Is.Null);
        Assert.That(longest, Is.LessThan(5000), "no call waited for a thread");
        Assert.That(Server.EntryCount, Is.EqualTo(Lines));
        Ledgers.AssertBalance(logging.Statistics, Lines, Lines);
    }

    private static int Number(string statistics, string name) =>
        int.Parse(Regex.Match(statistics, name + "=(\\d+)").Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture);

    private async Task<string> RunAsync(string shell, string what)
    {
        var start = new ProcessStartInfo("sh") { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in new[] { "-c", shell, "sh", "dotnet", typeof(Child).Assembly.Location, "starve", what, Server.Url.ToString() })
            start.ArgumentList.Add(argument);
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(60));
        TestContext.Out.WriteLine(await output + await errors);
        // SIGABRT: the runtime itself found no descriptor and gave up, before any code of ours could do anything.
        if (process.ExitCode == 134)
            Assert.Inconclusive("the runtime gave up");
        Assert.That(process.ExitCode, Is.Zero);
        return await output;
    }
}
