using System;
using System.Collections.Generic;
using System.Linq;
using System.Reflection;
using NLog.Layouts;

namespace NLog.Targets.Loki.Integration;

/// <summary>The labels a target has without being told, and where their values come from.</summary>
internal static class DefaultLabels
{
    // Loki derives service_name from the first of these that a stream has (pkg/validation/limits.go, discover_service_name).
    private static readonly HashSet<string> s_serviceNameSources = new(StringComparer.Ordinal)
    {
        "service_name", "service", "app", "application", "app_name", "name", "app_kubernetes_io_name", "container",
        "container_name", "k8s_container_name", "component", "workload", "job", "k8s_job_name",
    };

    /// <summary>The defaults that the configured <paramref name="names"/> leave in place.</summary>
    public static IEnumerable<KeyValuePair<string, Layout>> For(ICollection<string> names, Func<string, string?> environment)
    {
        if (!names.Any(s_serviceNameSources.Contains))
            yield return Label("service_name", First(environment, "LOKI_APPLICATION", "OTEL_SERVICE_NAME") ?? EntryAssembly());
        if (!names.Contains("job"))
            yield return Label("job", First(environment, "LOKI_JOB"));
        if (!names.Contains("environment"))
            yield return Label("environment", First(environment, "LOKI_ENVIRONMENT", "DOTNET_ENVIRONMENT", "ASPNETCORE_ENVIRONMENT"));
        if (!names.Contains("instance"))
            yield return Label("instance", First(environment, "LOKI_INSTANCE") ?? Environment.MachineName);
    }

    private static KeyValuePair<string, Layout> Label(string name, string? value) => new(name, Layout.FromLiteral(value ?? ""));

    private static string? First(Func<string, string?> environment, params string[] variables) =>
        variables.Select(environment).FirstOrDefault(value => !string.IsNullOrEmpty(value));

    private static string? EntryAssembly() => Assembly.GetEntryAssembly()?.GetName().Name;
}
