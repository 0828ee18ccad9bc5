namespace NLog.Targets.Loki.Diagnostics;

/// <summary>Where an entry waits between NLog's queue and its end.</summary>
internal enum Place
{
    Buffered,
    InFlight,
    Retrying,
}
