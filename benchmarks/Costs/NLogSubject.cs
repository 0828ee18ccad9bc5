using System;
using System.Collections.Generic;
using System.Linq;
using System.Security;
using System.Threading;
using NLog;
using NLog.Config;
using NLog.Targets.Loki;
using NLog.Targets.Wrappers;
using NLog.Time;

namespace Costs;

/// <summary>An NLog configuration with one target: the floor or ours, written as in nlog.config.</summary>
internal sealed class NLogSubject : Subject
{
    private readonly LogFactory _factory = new();
    private readonly Logger[] _loggers;
    private readonly LokiTarget? _loki;
    private readonly Exception? _exception;
    private long _dropped;
    private int _next;

    public NLogSubject(Row row, int port, int queueLimit)
    {
        TimeSource.Current = new EvenTimeSource();
        _factory.ThrowConfigExceptions = true;
        _factory.Configuration = XmlLoggingConfiguration.CreateFromXmlString(Xml(row, port, queueLimit), _factory);
        var target = _factory.Configuration!.FindTargetByName("subject");
        _loki = target as LokiTarget;
        if (target is AsyncTargetWrapper wrapper)
            wrapper.LogEventDropped += (_, _) => Interlocked.Increment(ref _dropped);
        _loggers = [.. Enumerable.Range(1, row.Streams).Select(stream => _factory.GetLogger(row.Streams == 1 ? "Costs.Orders.Checkout" : "Costs.Orders.Shard" + stream))];
        _exception = row.Exception ? Caught() : null;
    }

    public LokiStatistics? Statistics => _loki?.Statistics;

    public long QueueBytes => _loki is null ? 0 : QueueMemory.Of(_loki);

    public override long? Delivered => _loki?.Statistics.Delivered;

    public override void Log(object[] arguments)
    {
        var logger = _loggers.Length == 1 ? _loggers[0] : _loggers[_next++ % _loggers.Length];
        if (_exception is null)
            logger.Info(Load.Template, arguments);
        else
            logger.Error(_exception, Load.Template, arguments);
    }

    public override string? Flush()
    {
        using var done = new ManualResetEventSlim();
        Exception? error = null;
        _factory.Configuration!.FindTargetByName("subject")!.Flush(failure =>
        {
            error = failure;
            done.Set();
        });
        done.Wait();
        if (_dropped > 0)
            return $"{_dropped} events were dropped by NLog's queue";
        return error?.Message;
    }

    public override void Dispose() => _factory.Dispose();

    private static string Xml(Row row, int port, int queueLimit)
    {
        var layout = row.Layout.StartsWith('<') ? row.Layout : $"<layout xsi:type=\"SimpleLayout\" text=\"{SecurityElement.Escape(row.Layout)}\" />";
        var target = row.Engine == Engine.AsyncNull
            ? $"""
              <target xsi:type="AsyncWrapper" name="subject" queueLimit="{queueLimit}" overflowAction="{row.Settings.GetValueOrDefault("overflowAction", "Block")}">
                <target xsi:type="Null" name="null" formatMessage="true">{layout}</target>
              </target>
              """
            : $"""
              <target xsi:type="Loki" name="subject" {Attributes(row, port, queueLimit)}>
                {layout}
                <label name="app" layout="costs" />
                <label name="environment" layout="{(row.Streams == 1 ? "benchmark" : row.StreamLabel)}" />
              </target>
              """;
        return $"""
            <nlog xmlns="http://www.nlog-project.org/schemas/NLog.xsd" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" throwConfigExceptions="true">
              <extensions><add assembly="NLog.Targets.Loki" /></extensions>
              <targets>{target}</targets>
              <rules><logger name="*" minlevel="Info" writeTo="subject" /></rules>
            </nlog>
            """;
    }

    // The third label is the level, which is one unless levelAs says otherwise.
    private static string Attributes(Row row, int port, int queueLimit)
    {
        var all = new Dictionary<string, string>
        {
            ["endpoint"] = $"http://127.0.0.1:{port}",
            ["defaultLabels"] = "false",
            ["defaultMetadata"] = "false",
            ["includeEventProperties"] = "false",
            ["queueLimit"] = queueLimit.ToString(System.Globalization.CultureInfo.InvariantCulture),
            ["overflowAction"] = "Block",
            ["flushTimeoutSeconds"] = "300",
        };
        foreach (var setting in row.Settings)
            all[setting.Key] = setting.Value;
        return string.Join(' ', all.Select(pair => $"{pair.Key}=\"{SecurityElement.Escape(pair.Value)}\""));
    }

    private static InvalidOperationException Caught()
    {
        try
        {
            Thrower(8);
        }
        catch (InvalidOperationException error)
        {
            return error;
        }

        throw new InvalidOperationException("nothing was thrown");
    }

    private static void Thrower(int depth)
    {
        if (depth == 0)
            throw new InvalidOperationException("the order cannot be shipped", new TimeoutException("the warehouse does not answer"));
        Thrower(depth - 1);
    }
}
