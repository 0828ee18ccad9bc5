using NLog.Config;

namespace NLog.Targets.Loki;

/// <summary>Registers the package in code, where an <c>&lt;extensions&gt;</c> entry is not wanted or would be trimmed away.</summary>
public static class LokiSetupExtensions
{
    /// <summary>Makes <c>xsi:type="Loki"</c> and <c>${loki-stats}</c> known: <c>LogManager.Setup().SetupExtensions(e => e.RegisterLoki())</c>.</summary>
    public static ISetupExtensionsBuilder RegisterLoki(this ISetupExtensionsBuilder extensions)
    {
        extensions.RegisterTarget<LokiTarget>("Loki");
        extensions.RegisterType<LokiLabel>();
        extensions.RegisterType<LokiHeader>();
        extensions.RegisterLayoutRenderer<LokiStatsLayoutRenderer>("loki-stats");
        return extensions;
    }
}
