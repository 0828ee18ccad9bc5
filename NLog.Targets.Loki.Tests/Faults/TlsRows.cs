using System;
using System.Collections.Generic;
using System.Security.Cryptography.X509Certificates;
using NLog.Targets.Loki.Tests.Support;

namespace NLog.Targets.Loki.Tests.Faults;

/// <summary>What TLS can refuse (fault matrix, sections 3.1 and 3.2).</summary>
internal static class TlsRows
{
    private static readonly Authority s_trusted = new();
    private static readonly Authority s_unknown = new();
    private static readonly X509Certificate2 s_good = s_trusted.Issue();

    public static IEnumerable<FaultRow> All =>
    [
        Certificate("expired", () => s_trusted.Issue(endsInDays: -1), "NotTimeValid"),
        Certificate("of another host", () => s_trusted.Issue("elsewhere.test"), "RemoteCertificateNameMismatch"),
        Certificate("of an unknown authority", () => s_unknown.Issue(), "PartialChain|UntrustedRoot"),
        new("N18", "a server that speaks no TLS any more")
        {
            Configure = Securely,
            Handler = _ => s_trusted.Handler(),
            Provoke = scene => Present(scene, null),
            Heal = scene => Present(scene, s_good),
            HasFired = scene => scene.Front.Accepted > 2,
            MostSaid = 1,
            Says = "TLS failed",
        },
        new("H15 H14 R3", "a redirect from https to http")
        {
            Configure = Securely,
            Handler = _ => s_trusted.Handler(),
            Provoke = scene => scene.Server.Faults.Respond(2, 307, headers: [("Location", scene.Elsewhere.Url + "loki/api/v1/push")]),
            Lasts = TimeSpan.FromMinutes(2),
            Says = "redirects are never followed",
        },
    ];

    private static FaultRow Certificate(string what, Func<X509Certificate2> certificate, string says) => new("N18", "a certificate " + what)
    {
        Configure = Securely,
        Handler = _ => s_trusted.Handler(),
        Provoke = scene => Present(scene, certificate()),
        Heal = scene => Present(scene, s_good),
        HasFired = scene => scene.Front.Accepted > 2,
        // One line for all the attempts, and it names the cause.
        MostSaid = 1,
        Says = says,
    };

    private static void Securely(LokiTarget target, FaultScene scene)
    {
        scene.Front.Certificate = s_good;
        target.Endpoint = scene.Front.SecureUrl.ToString();
    }

    // A connection proves its server once, at its beginning.
    private static void Present(FaultScene scene, X509Certificate2? certificate)
    {
        scene.Front.Certificate = certificate;
        scene.Front.Break();
    }
}
