namespace NLog.Targets.Loki.Tests.Support;

/// <summary>Which Loki answers an end-to-end test.</summary>
public enum ServedBy
{
    /// <summary>The test server.</summary>
    TestServer,

    /// <summary>The Loki of LOKI_URL, with the test server between: it commits the faults, and its store is what the real one must hold too.</summary>
    RealLoki,
}
