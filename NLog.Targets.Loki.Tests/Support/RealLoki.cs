using System;
using System.Collections.Generic;
using System.Net.Http;
using System.Runtime.CompilerServices;
using System.Threading.Tasks;
using NLog.Targets.Loki.Testing;
using NUnit.Framework;

namespace NLog.Targets.Loki.Tests.Support;

/// <summary>The real Loki that LOKI_URL names. The variable is taken away, because the target under test reads it too.</summary>
internal static class RealLoki
{
    public const string WhyNot =
        "LOKI_URL is not set. Set it to a Loki with auth_enabled, such as one with TestServer/loki.yaml, to run these tests against it as well.";

    private static readonly HttpClient s_client = new();

    // Asked once: what is skipped is said once.
    private static readonly Lazy<Task<LokiTestServerOptions>> s_options = new(AskAsync);

    /// <summary>Null if none is named.</summary>
    public static Uri? Url { get; private set; }

    /// <summary>Whether it ignores the tenant of a push (<c>auth_enabled: false</c>), so that it holds what others wrote among what is read back.</summary>
    public static bool HasOneTenant { get; private set; }

    [ModuleInitializer]
    public static void Take()
    {
        var named = Environment.GetEnvironmentVariable("LOKI_URL");
        Url = string.IsNullOrEmpty(named) ? null : new Uri(named);
        Environment.SetEnvironmentVariable("LOKI_URL", null);
    }

    /// <summary>A server that passes everything on to the real one under a tenant of its own, with the limits that the real one has.</summary>
    public static async Task<LokiTestServerOptions> OptionsAsync(string tenant) => await s_options.Value with { ForwardTo = Url, ForwardTenant = tenant };

    private static async Task<LokiTestServerOptions> AskAsync()
    {
        using var answer = await s_client.GetAsync(new Uri(Url!, "/config"));
        var skipped = new List<string>();
        if (!answer.IsSuccessStatusCode)
            skipped.Add($"all of it, because of {(int)answer.StatusCode}");
        var options = LokiTestServerOptions.FromRunning(answer.IsSuccessStatusCode ? await answer.Content.ReadAsStringAsync() : "", skipped.Add);
        HasOneTenant = !options.AuthEnabled;
        TestContext.Progress.WriteLine($"Skipped of the /config of {Url}: {(skipped.Count == 0 ? "nothing" : string.Join(", ", skipped))}.");

        // Two token buckets never agree; that of the real one counts.
        return options with { Limits = options.Limits.WithoutRates(), AuthEnabled = false };
    }
}
