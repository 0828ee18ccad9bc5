using System;
using System.Collections.Generic;
using System.Linq;
using System.Reflection;
using System.Threading;
using NUnit.Framework;

namespace NLog.Targets.Loki.Tests.Integration;

/// <summary>
/// Reads the statistics of a target on a thread of its own while a test runs: each snapshot balances, no counter ever falls, and
/// none is above what is known to be true.
/// </summary>
internal sealed class StatisticsWatch : IDisposable
{
    private const int MostViolations = 10;

    // What may fall; every other number is a counter, also one that is added tomorrow.
    private static readonly string[] s_levelNames =
    [
        nameof(LokiStatistics.Queued), nameof(LokiStatistics.Buffered), nameof(LokiStatistics.InFlight), nameof(LokiStatistics.Retrying),
        nameof(LokiStatistics.RetryingBatches), nameof(LokiStatistics.Pending),
    ];

    private static readonly PropertyInfo[] s_counters =
        [.. typeof(LokiStatistics).GetProperties().Where(property => property.PropertyType == typeof(long) && !s_levelNames.Contains(property.Name))];

    private static readonly PropertyInfo[] s_levels = [.. s_levelNames.Select(name => typeof(LokiStatistics).GetProperty(name)!)];

    // Not in every version.
    private static readonly PropertyInfo? s_declined = typeof(LokiStatistics).GetProperty("Declined");

    private static readonly LokiDropReason[] s_reasons = Enum.GetValues<LokiDropReason>();

    private readonly Func<LokiStatistics> _read;
    private readonly Func<long> _mostEmitted;
    private readonly Func<long> _mostDiscarded;
    private readonly List<string> _violations = [];
    private readonly Dictionary<string, long> _highest = [];
    private readonly ManualResetEventSlim _stop = new();
    private readonly Thread _thread;
    private int _samples;

    /// <param name="read">The statistics.</param>
    /// <param name="mostEmitted">How many events can have come; read after the statistics.</param>
    /// <param name="mostDiscarded">How many events NLog's queue discarded; read after the statistics.</param>
    public StatisticsWatch(Func<LokiStatistics> read, Func<long> mostEmitted, Func<long> mostDiscarded)
    {
        _read = read;
        _mostEmitted = mostEmitted;
        _mostDiscarded = mostDiscarded;
        _thread = new Thread(Run) { IsBackground = true, Name = "statistics watch" };
        _thread.Start();
    }

    /// <summary>Takes one sample more, on the calling thread, and fails with what was seen to be wrong since the start.</summary>
    public void AssertHeld(string what)
    {
        Sample();
        lock (_violations)
        {
            Assert.That(_violations, Is.Empty, $"{what}, {_samples} samples");
            Assert.That(_samples, Is.GreaterThan(1), "samples");
        }
    }

    public void Dispose()
    {
        _stop.Set();
        _thread.Join();
        _stop.Dispose();
    }

    private void Run()
    {
        do
        {
            Sample();
        }
        while (!_stop.Wait(1));
    }

    private void Sample()
    {
        // The order of two samples is the order in which they are compared.
        lock (_violations)
        {
            var statistics = _read();
            var (mostEmitted, mostDiscarded) = (_mostEmitted(), _mostDiscarded());
            _samples++;
            if (_violations.Count >= MostViolations)
                return;
            foreach (var counter in s_counters)
                NeverFalls(counter.Name, (long)counter.GetValue(statistics)!, statistics);
            foreach (var reason in s_reasons)
                NeverFalls(reason.ToString(), statistics.CountOf(reason), statistics);
            var declined = (long?)s_declined?.GetValue(statistics) ?? 0;
            var held = statistics.Queued + statistics.Buffered + statistics.InFlight + statistics.Retrying;
            Hold(statistics.Delivered + statistics.Rejected + statistics.Dropped + declined + held == statistics.Emitted, "it does not balance", statistics);
            Hold(statistics.Emitted <= mostEmitted, $"emitted is above {mostEmitted}", statistics);
            Hold(statistics.CountOf(LokiDropReason.QueueFull) <= mostDiscarded, $"queue_full is above {mostDiscarded}", statistics);
            Hold(held == statistics.Pending && s_levels.All(level => (long)level.GetValue(statistics)! >= 0), "a level is impossible", statistics);
        }
    }

    private void NeverFalls(string counter, long value, LokiStatistics statistics)
    {
        Hold(!_highest.TryGetValue(counter, out var before) || value >= before, $"{counter} fell from {before} to {value}", statistics);
        _highest[counter] = value;
    }

    private void Hold(bool holds, string otherwise, LokiStatistics statistics)
    {
        if (!holds)
            _violations.Add($"{otherwise}: {statistics}");
    }
}
