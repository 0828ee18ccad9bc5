using System;
using System.Collections.Generic;
using System.Diagnostics.Metrics;
using System.Linq;
using System.Threading.Tasks;
using NLog.Targets.Loki.Tests.Support;
using NUnit.Framework;

namespace NLog.Targets.Loki.Tests.Diagnostics;

/// <summary>What a listener to the meter sees: a series for each target, told apart, rising only, and gone with the last of its LogFactory.</summary>
[Category("Ledger")]
public sealed class MeterSeriesTests : ServerTests
{
    private const string Emitted = "nlog.loki.emitted";

    // Other tests leave targets behind.
    private readonly string _name = "meter-" + Guid.NewGuid().ToString("N");

    private string Rule => $"<logger name=\"*\" writeTo=\"{_name}\" />";

    [Test]
    public async Task Two_targets_of_one_name_are_two_series_that_rise_and_end_with_their_factories()
    {
        var first = Logging.FromXml(Logging.TargetXml(Server.Url).Replace("\"loki\"", $"\"{_name}\"", StringComparison.Ordinal), rules: Rule);
        var second = Logging.FromXml(Logging.TargetXml(Server.Url).Replace("\"loki\"", $"\"{_name}\"", StringComparison.Ordinal), rules: Rule);
        var highest = new Dictionary<string, long>();
        using (var listener = new Series(_name))
        {
            for (var round = 1; round <= 5; round++)
            {
                Log(first, 1);
                Log(second, 10);
                foreach (var (series, value) in listener.Read())
                {
                    Assert.That(value, Is.GreaterThanOrEqualTo(highest.GetValueOrDefault(series)), series + " fell");
                    highest[series] = value;
                }
            }

            await first.FlushAsync();
            await second.FlushAsync();
            var emitted = listener.Read().Where(series => series.Key.StartsWith(Emitted, StringComparison.Ordinal)).Select(series => series.Value);
            Assert.That(emitted, Is.EquivalentTo(new[] { 5, 50 }));
            first.Dispose();
            first.Factory.Dispose();
            emitted = listener.Read().Where(series => series.Key.StartsWith(Emitted, StringComparison.Ordinal)).Select(series => series.Value);
            Assert.That(emitted, Does.Contain(50), "the one that goes on");
            second.Dispose();
            second.Factory.Dispose();
            Assert.That(listener.Read(), Is.Empty, "gone for a listener that was there before");
        }

        using var newcomer = new Series(_name);
        Assert.That(newcomer.Read(), Is.Empty);
        Ledgers.AssertBalance(first.Statistics, 5, 5);
        Ledgers.AssertBalance(second.Statistics, 50, 50);
    }

    private static void Log(Logging logging, int count)
    {
        for (var i = 0; i < count; i++)
            logging.Logger().Info("line");
    }

    /// <summary>Reads the counters of targets with one name.</summary>
    private sealed class Series : IDisposable
    {
        private readonly MeterListener _listener = new();
        private readonly string _target;
        private readonly Dictionary<string, long> _values = [];

        public Series(string target)
        {
            _target = target;
            _listener.InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Meter.Name == "NLog.Targets.Loki" && instrument is ObservableCounter<long>)
                    listener.EnableMeasurementEvents(instrument);
            };
            _listener.SetMeasurementEventCallback<long>(Note);
            _listener.Start();
        }

        public IReadOnlyDictionary<string, long> Read()
        {
            _values.Clear();
            _listener.RecordObservableInstruments();
            return _values.ToDictionary();
        }

        public void Dispose() => _listener.Dispose();

        private void Note(Instrument instrument, long value, ReadOnlySpan<KeyValuePair<string, object?>> tags, object? state)
        {
            var series = instrument.Name;
            var isOurs = false;
            foreach (var (name, text) in tags)
            {
                series += $" {name}={text}";
                isOurs |= name == "target" && Equals(text, _target);
            }

            if (isOurs)
                Assert.That(_values.TryAdd(series, value), Is.True, "two series with the same tags: " + series);
        }
    }
}
