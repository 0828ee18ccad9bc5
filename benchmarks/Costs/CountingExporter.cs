using System;
using System.Threading;
using OpenTelemetry;
using OpenTelemetry.Logs;

namespace Costs;

/// <summary>The count of records that an exporter has finished with, and the wait for it.</summary>
internal sealed class CountingExporter(BaseExporter<LogRecord> inner) : BaseExporter<LogRecord>
{
    private readonly object _gate = new();
    private long _finished;
    private long _exported;

    /// <summary>Records that the other side acknowledged.</summary>
    public long Exported
    {
        get
        {
            lock (_gate)
                return _exported;
        }
    }

    public override ExportResult Export(in Batch<LogRecord> batch)
    {
        var count = batch.Count;
        var result = inner.Export(batch);
        lock (_gate)
        {
            _finished += count;
            if (result == ExportResult.Success)
                _exported += count;
            Monitor.PulseAll(_gate);
        }

        return result;
    }

    /// <summary>Waits until so many are finished; false when that took too long.</summary>
    public bool Wait(long count, TimeSpan patience)
    {
        lock (_gate)
        {
            while (_finished < count)
            {
                if (!Monitor.Wait(_gate, patience))
                    return false;
            }
        }

        return true;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            inner.Dispose();
        base.Dispose(disposing);
    }
}
