using System;
using Microsoft.Extensions.Logging;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Resources;

namespace Costs;

/// <summary>Microsoft.Extensions.Logging with OpenTelemetry's exporter, or, without an endpoint, with nothing: its floor.</summary>
internal sealed class ExtensionsSubject : Subject
{
    private readonly ILoggerFactory _factory;
    private readonly ILogger _logger;
    private readonly CountingExporter? _exporter;
    private readonly BatchLogRecordExportProcessor? _processor;
    private long _logged;

    // The processor belongs to the factory, which disposes of it.
    public ExtensionsSubject(Row row, Uri? endpoint, int queueLimit)
    {
        if (row.Exception || row.Threads != 1)
            throw new NotSupportedException("only plain lines of one thread");
        if (endpoint is not null)
        {
            _exporter = new CountingExporter(new OtlpLogExporter(new OtlpExporterOptions { Endpoint = endpoint, Protocol = OtlpExportProtocol.HttpProtobuf }));
            _processor = new BatchLogRecordExportProcessor(_exporter, maxQueueSize: queueLimit);
        }

        _factory = LoggerFactory.Create(builder =>
        {
            if (_processor is null)
                builder.AddProvider(new FormattingProvider());
            else
                builder.AddOpenTelemetry(options =>
                {
                    options.IncludeFormattedMessage = true;
                    options.SetResourceBuilder(ResourceBuilder.CreateEmpty().AddService("costs"));
                    options.AddProcessor(_processor);
                });
        });
        _logger = _factory.CreateLogger("Costs.Orders.Checkout");
    }

    public override long? Delivered => _exporter?.Exported;

#pragma warning disable CA2254 // The template is a constant of another class.
    public override void Log(object[] arguments)
    {
        _logged++;
        _logger.LogInformation(Load.Template, arguments);
    }
#pragma warning restore CA2254

    public override string? Flush()
    {
        if (_processor is null || _exporter is null)
            return null;
        // A flush ends when the last batch is taken, not when it has arrived.
        return _processor.ForceFlush(300_000) && _exporter.Wait(_logged, TimeSpan.FromMinutes(1)) ? null : "the exporter could not be flushed";
    }

    public override void Dispose() => _factory.Dispose();

    private sealed class FormattingProvider : ILoggerProvider, ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(Microsoft.Extensions.Logging.LogLevel logLevel) => true;

        public ILogger CreateLogger(string categoryName) => this;

        public void Log<TState>(Microsoft.Extensions.Logging.LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            GC.KeepAlive(formatter(state, exception));

        public void Dispose()
        {
        }
    }
}
