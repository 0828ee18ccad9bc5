using System;
using System.Net.Http;
using System.Runtime.CompilerServices;
using System.Threading.Tasks;
using NLog.Targets.Loki.Testing;

namespace NLog.Targets.Loki.Tests.Support;

/// <summary>The real Loki that LOKI_URL names. The variable is taken away, because the target under test reads it too.</summary>
internal static class RealLoki
{
    public const string WhyNot =
        "LOKI_URL is not set. Set it to a Loki with auth_enabled, such as one with TestServer/loki.yaml, to run these tests against it as well.";

    private static readonly HttpClient s_client = new();

    /// <summary>Null if none is named.</summary>
    public static Uri? Url { get; private set; }

    [ModuleInitializer]
    public static void Take()
    {
        var named = Environment.GetEnvironmentVariable("LOKI_URL");
        Url = string.IsNullOrEmpty(named) ? null : new Uri(named);
        Environment.SetEnvironmentVariable("LOKI_URL", null);
    }

    /// <summary>A server that passes everything on to the real one under a tenant of its own, with the limits that the real one has.</summary>
    public static async Task<LokiTestServerOptions> OptionsAsync(string tenant)
    {
        using var answer = await s_client.GetAsync(new Uri(Url!, "/config"));
        var options = answer.IsSuccessStatusCode ? LokiTestServerOptions.FromYaml(await answer.Content.ReadAsStringAsync()) : new LokiTestServerOptions();

        // Two token buckets never agree; that of the real one counts.
        return options with { Limits = options.Limits.WithoutRates(), AuthEnabled = false, ForwardTo = Url, ForwardTenant = tenant };
    }
}
