namespace NLog.Targets.Loki.Tests.Diagnostics;

/// <summary>Where an event is by the count of the oracle.</summary>
internal enum OraclePlace
{
    Buffered,
    InFlight,
    Retrying,
    Delivered,
    Lost,
}
