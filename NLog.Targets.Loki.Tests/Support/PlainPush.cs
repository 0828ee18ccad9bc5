using System;
using System.Net.Http;
using System.Threading;
using System.Threading.Tasks;

namespace NLog.Targets.Loki.Tests.Support;

/// <summary>Pushes that do not come from the target: one line each, never equal to an earlier one.</summary>
internal static class PlainPush
{
    private static long s_last = (DateTime.UtcNow - DateTime.UnixEpoch).Ticks * 100;

    public static string Json(string line, string app = "plain") =>
        $$"""{"streams":[{"stream":{"app":"{{app}}"},"values":[["{{Interlocked.Increment(ref s_last)}}","{{line}}"]]}]}""";

    /// <summary>Returns when the headers of the answer are there.</summary>
    public static async Task<HttpResponseMessage> SendAsync(HttpClient client, Uri server, string app = "plain", string tenant = "", CancellationToken cancellation = default)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(server, "/loki/api/v1/push"))
        {
            Content = new StringContent(Json("line", app), System.Text.Encoding.UTF8, "application/json"),
        };
        if (tenant.Length > 0)
            request.Headers.Add("X-Scope-OrgID", tenant);
        return await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation);
    }

    public static async Task<int> StatusAsync(HttpClient client, Uri server, string app = "plain", string tenant = "")
    {
        using var response = await SendAsync(client, server, app, tenant);
        return (int)response.StatusCode;
    }
}
