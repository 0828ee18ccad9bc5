using System;
using System.Collections.Generic;
using System.Linq;
using NLog.Targets.Loki.Testing;
using NLog.Targets.Loki.Tests.Encoding;

namespace NLog.Targets.Loki.Tests.Support;

/// <summary>One line of a push that a server received, stored or not, and as whom it came: authorization, tenant and gateway key.</summary>
internal sealed record PushedLine(string Line, string Account, bool IsStored)
{
    /// <summary>How the account of a push reads: the scheme, name and secret of its authorization, then what the two headers held.</summary>
    public static string AccountOf(string authorization = "", string tenant = "", string key = "") => authorization + "|" + tenant + "|" + key;

    /// <summary>The lines of every push so far; the server has to keep bodies, and the target to send plain JSON.</summary>
    public static List<PushedLine> Of(LokiTestServer server) => server.Pushes
        .SelectMany(push => DecodedEntry.FromJsonBody(push.Body.ToArray()).Entries.Select(entry => new PushedLine(entry.Line, AccountOf(push), push.Status == 204)))
        .ToList();

    private static string AccountOf(ReceivedPush push)
    {
        var authorization = push.Headers.GetValueOrDefault("Authorization", "");
        if (authorization.StartsWith("Basic ", StringComparison.Ordinal))
            authorization = "Basic " + System.Text.Encoding.UTF8.GetString(Convert.FromBase64String(authorization["Basic ".Length..]));
        return AccountOf(authorization, push.Headers.GetValueOrDefault("X-Scope-OrgID", ""), push.Headers.GetValueOrDefault("X-Key", ""));
    }
}
