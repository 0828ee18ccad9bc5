using System;
using System.Collections.Generic;
using System.Globalization;
using System.Text;
using BenchmarkDotNet.Attributes;
using NLog;
using NLog.Layouts;
using NLog.Targets.Loki;
using NLog.Targets.Loki.Diagnostics;
using NLog.Targets.Loki.Integration;
using NLog.Targets.Loki.Rendering;

namespace Micro;

/// <summary>From an event to the encoded entry, beside the event and its line alone.</summary>
public class RendererBenchmarks
{
    private readonly object[] _arguments = [123_456, "C0ffee", 12.75, "s0001", 200];
    private readonly StringBuilder _line = new();
    private readonly Ledger _ledger = new();
    private Layout _layout = Layout.Empty;
    private EntryRenderer _renderer = null!;

    /// <summary>Whether the five properties are sent as structured metadata.</summary>
    [Params(false, true)]
    public bool Metadata { get; set; }

    [GlobalSetup]
    public void Create()
    {
        _layout = Layout.FromString("${message}");
        using var target = new LokiTarget { DefaultLabels = false, DefaultMetadata = false, IncludeEventProperties = Metadata, Labels = { new LokiLabel("app", "costs") } };
        var options = new OptionsReader(target, _ => null).Read(false);
        var text = new PropertyText((IValueFormatter)LogManager.LogFactory.ServiceRepository.GetService(typeof(IValueFormatter))!, options.MaxPropertyBytes);
        var capture = new EventCapture(null, options.IncludeTraceContext, options.SendsEventProperties ? text : null, wrapped: false, line: null);
        _renderer = new EntryRenderer(options, _layout, capture, _ => null, new HashSet<string>(), text, new NanosecondClock(Environment.ProcessId, TimeProvider.System));
    }

    [Benchmark(Baseline = true)]
    public int EventAndLine()
    {
        _line.Clear();
        _layout.Render(NewEvent(), _line);
        return _line.Length;
    }

    [Benchmark]
    public int EventAndEntry()
    {
        _renderer.Rendered.Clear();
        _renderer.Render(NewEvent(), _ledger, withMetadata: true);
        return _renderer.Rendered.Count;
    }

    private LogEventInfo NewEvent() =>
        new(LogLevel.Info, "Costs.Orders.Checkout", CultureInfo.InvariantCulture, "Order {OrderId} of {Customer} took {Elapsed} ms on {Shard} and ended with {Status}", _arguments);
}
