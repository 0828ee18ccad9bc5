using System;

namespace Costs;

/// <summary>What a row measures: it takes events and delivers them.</summary>
internal abstract class Subject : IDisposable
{
    /// <summary>Logs one event with the five values of the template.</summary>
    public abstract void Log(object[] arguments);

    /// <summary>Waits until everything logged so far is delivered; what went wrong, or null.</summary>
    public abstract string? Flush();

    /// <summary>How many events arrived since the start; null where the subject does not know.</summary>
    public abstract long? Delivered { get; }

    public abstract void Dispose();

    public static Subject Create(Row row, int port, int queueLimit) => row.Engine switch
    {
        Engine.AsyncNull => new NLogSubject(row, port, queueLimit),
        Engine.Loki => new NLogSubject(row, port, queueLimit),
        Engine.ExtensionsNull => new ExtensionsSubject(row, null, 0),
        // It has no back-pressure and drops what does not fit, so its queue holds a whole round.
        _ => new ExtensionsSubject(row, new Uri($"http://127.0.0.1:{port}/otlp/v1/logs"), 1_000_000),
    };
}
