using System;
using NLog.Config;

namespace NLog.Targets.Loki.Tests.Children;

/// <summary>
/// What an application does in an AssemblyLoadContext of its own, with an NLog and a target of its own: it logs one line, and
/// ends as it is told. It is found by name, so that nothing of it is known outside.
/// </summary>
internal static class UnloadedApplication
{
    /// <param name="endpoint">Where the target sends to.</param>
    /// <param name="target">Which target is configured.</param>
    /// <param name="end">How the logging ends, and in whose LogFactory.</param>
    public static void Run(string endpoint, string target, string end)
    {
        var factory = end.StartsWith("own ", StringComparison.Ordinal) ? new LogFactory() : LogManager.LogFactory;
        var attributes = target == "misconfigured" ? "closeTimeoutSeconds=\"100000000\"" : "";
        var xml = target == "none"
            ? "<target type=\"Memory\" name=\"target\" />"
            : $"<target type=\"Loki\" name=\"target\" endpoint=\"{endpoint}\" {attributes} />";
        factory.Setup().SetupExtensions(Register(target));
        factory.Configuration = XmlLoggingConfiguration.CreateFromXmlString(
            $"<nlog><targets>{xml}</targets><rules><logger name=\"*\" writeTo=\"target\" /></rules></nlog>", factory);
        factory.GetLogger("unloaded").Info("line");
        switch (end)
        {
            case "dispose":
            case "own dispose":
                factory.Flush(TimeSpan.FromSeconds(10));
                factory.Dispose();
                break;
            case "shutdown":
            case "own shutdown":
                factory.Shutdown();
                factory.Dispose();
                break;
            case "nothing":
            case "own nothing":
                factory.Flush(TimeSpan.FromSeconds(10));
                break;
            default:
                throw new ArgumentException("unknown end: " + end);
        }

        // NLog makes its global factory as soon as anything of it asks for a default, and listens with it to the end of the process.
        if (end is not ("nothing" or "own nothing"))
            LogManager.LogFactory.Dispose();
    }

    // Without the target its assembly is not even loaded.
    private static Action<ISetupExtensionsBuilder> Register(string target) => target == "none" ? _ => { } : RegisterLoki;

    private static void RegisterLoki(ISetupExtensionsBuilder extensions) => extensions.RegisterTarget<LokiTarget>("Loki");
}
