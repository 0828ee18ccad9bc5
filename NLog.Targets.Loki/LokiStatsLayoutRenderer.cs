using System;
using System.Globalization;
using System.Linq;
using System.Text;
using NLog.Config;
using NLog.LayoutRenderers;
using NLog.Targets.Loki.Integration;

namespace NLog.Targets.Loki;

/// <summary>
/// Renders a counter: <c>${loki-stats:sent}</c> for all Loki targets together, <c>${loki-stats:dropped:target=loki}</c> for one,
/// <c>${loki-stats}</c> for a line with all of them.
/// </summary>
[LayoutRenderer("loki-stats")]
[ThreadAgnostic]
public sealed class LokiStatsLayoutRenderer : LayoutRenderer
{
    /// <summary>
    /// <c>sent</c>, <c>errors</c>, <c>dropped</c>, <c>pending</c>, <c>retrying</c>, <c>flushes</c> or <c>all</c>. Default: <c>all</c>.
    /// Another name is a configuration error.
    /// </summary>
    [DefaultParameter]
    public string Counter { get; set; } = "all";

    /// <summary>Name of a target. Default: none, the sum of all.</summary>
    public string Target { get; set; } = "";

    /// <inheritdoc />
    protected override void InitializeLayoutRenderer()
    {
        base.InitializeLayoutRenderer();
        if (!IsAll && !StatisticsVariables.Counters.ContainsKey(Counter))
            throw new NLogConfigurationException($"loki-stats: counter is not one of all, {string.Join(", ", StatisticsVariables.Counters.Keys.ToArray())}");
    }

    /// <inheritdoc />
    protected override void Append(StringBuilder builder, LogEventInfo logEvent)
    {
        var statistics = StatisticsVariables.Sum(LoggingConfiguration?.LogFactory ?? LogManager.LogFactory, Target);
        builder.Append(IsAll ? statistics.ToString() : StatisticsVariables.Counters[Counter](statistics).ToString(CultureInfo.InvariantCulture));
    }

    private bool IsAll => string.Equals(Counter, "all", StringComparison.OrdinalIgnoreCase);
}
