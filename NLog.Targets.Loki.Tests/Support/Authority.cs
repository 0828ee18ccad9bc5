using System;
using System.Net;
using System.Net.Http;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using NLog.Targets.Loki.Connection;
using NLog.Targets.Loki.Contract;

namespace NLog.Targets.Loki.Tests.Support;

/// <summary>A certificate authority of the test's own, and a handler that trusts it and nothing else.</summary>
internal sealed class Authority : IDisposable
{
    private static readonly DateTimeOffset s_start = DateTimeOffset.UtcNow.AddDays(-30);

    private readonly RSA _key = RSA.Create(2048);
    private readonly X509Certificate2 _root;

    public Authority()
    {
        var request = new CertificateRequest("CN=Authority " + Guid.NewGuid(), _key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        _root = request.CreateSelfSigned(s_start, s_start.AddYears(1));
    }

    public X509Certificate2 Issue(string host = "localhost", int endsInDays = 30)
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=" + host, key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(host);
        request.CertificateExtensions.Add(names.Build());
        using var signed = request.Create(_root, s_start, DateTimeOffset.UtcNow.AddDays(endsInDays), Guid.NewGuid().ToByteArray());
        return signed.CopyWithPrivateKey(key);
    }

    /// <summary>The package's own handler; only what it takes for a root is another.</summary>
    public SocketsHttpHandler Handler(PushOptions? options = null)
    {
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.Add(_root);
        var handler = OwnHandler(options);
        handler.SslOptions = new SslClientAuthenticationOptions { CertificateChainPolicy = policy };
        return handler;
    }

    /// <summary>The handler of the package; its netstandard2.0 asset has one that shows less, for which this one stands.</summary>
    public static SocketsHttpHandler OwnHandler(PushOptions? options = null)
    {
        // Real time, whatever clock the test has: a busy machine needs some of it for a handshake.
        options ??= new PushOptions { ConnectTimeout = TimeSpan.FromSeconds(20) };
        return Transport.Create(options) as SocketsHttpHandler
            ?? new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, AutomaticDecompression = DecompressionMethods.None, Proxy = options.Proxy };
    }

    public void Dispose()
    {
        _root.Dispose();
        _key.Dispose();
    }
}
