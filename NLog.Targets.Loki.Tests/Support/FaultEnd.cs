namespace NLog.Targets.Loki.Tests.Support;

/// <summary>What the decision table of the target makes of a fault.</summary>
public enum FaultEnd
{
    /// <summary>Every line arrives, by another request if the first did not store it.</summary>
    Arrives,

    /// <summary>The lines are counted as rejected.</summary>
    Rejected,

    /// <summary>A server that says it stored what it did not: counted as delivered.</summary>
    Believed,
}
