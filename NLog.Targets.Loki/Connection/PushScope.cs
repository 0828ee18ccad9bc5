namespace NLog.Targets.Loki.Connection;

/// <summary>Which gate a retry waits behind.</summary>
internal enum PushScope
{
    Endpoint,
    Tenant,
    Stream,
}
