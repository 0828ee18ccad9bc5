using System;
using NLog.Targets.Loki.Contract;

namespace NLog.Targets.Loki.Connection;

/// <summary>
/// Where entries go and for whom. What is logged for one destination is never sent to another; what is no part of it (password, value
/// of a token, proxy, TLS) may change while entries wait.
/// </summary>
/// <param name="Endpoint">The push URL, without credentials.</param>
/// <param name="User">See <see cref="UserIdentity"/>.</param>
/// <param name="Tenant">Empty for none.</param>
internal sealed record Destination(Uri Endpoint, string User, string Tenant)
{
    public static Destination Of(PushOptions options) => new(options.Endpoint, options.User(), options.Tenant);
}
