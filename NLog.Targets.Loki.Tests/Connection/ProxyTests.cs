using System;
using System.Threading.Tasks;
using NLog.Targets.Loki.Integration;
using NLog.Targets.Loki.Tests.Support;
using NUnit.Framework;

namespace NLog.Targets.Loki.Tests.Connection;

/// <summary>Who gets to see which credentials when a proxy stands between.</summary>
public sealed class ProxyTests : ServerTests
{
    [Test]
    [Category("R23")]
    public async Task A_proxy_sees_only_its_own_credentials_and_Loki_only_its_own()
    {
        using var authority = new Authority();
        using var proxy = new RecordingProxy();
        using var front = new Front(Server.Url) { Certificate = authority.Issue() };
        LokiTarget Target(System.Net.Http.HttpMessageHandler? handler) => new(TimeProvider.System, null, handler)
        {
            Endpoint = front.SecureUrl.ToString(),
            BearerToken = "token-of-loki",
            Tenant = "tenant-of-loki",
            ProxyUrl = proxy.Url.ToString(),
            ProxyUser = "user",
            ProxyPassword = "password-of-the-proxy",
            TaskDelayMilliseconds = 20,
        };
        using var probe = Target(null);
        using var handler = authority.Handler(new OptionsReader(probe, _ => null).Read(false).Push);
        handler.Proxy = new Unbypassed(handler.Proxy!);
        using var logging = Logging.With(Target(handler));
        // An origin that asks for credentials as well gets no others than before.
        Server.Faults.Respond(1, 401, headers: [("WWW-Authenticate", "Basic realm=\"loki\"")]);
        Server.Faults.Respond(1, 407, headers: [("Proxy-Authenticate", "Basic realm=\"loki\"")]);
        logging.Logger().Info("line");
        for (var i = 0; i < 3 && await logging.FlushAsync() is not null; i++)
            TestContext.Out.WriteLine(logging.Statistics.ToString());

        var own = "Basic " + Convert.ToBase64String("user:password-of-the-proxy"u8.ToArray());
        Assert.That(proxy.Heads, Is.Not.Empty.And.All.StartWith("CONNECT localhost:"));
        Assert.That(proxy.Heads, Has.Some.Contain("Proxy-Authorization: " + own));
        Assert.That(string.Concat(proxy.Heads), Does.Not.Contain("token-of-loki").And.Not.Contain("tenant-of-loki").And.Not.Contain("X-Scope-OrgID"));
        Assert.That(Server.Pushes, Has.Count.EqualTo(3));
        foreach (var push in Server.Pushes)
        {
            Assert.That(push.Headers["Authorization"], Is.EqualTo("Bearer token-of-loki"));
            Assert.That(push.Headers.Keys, Has.None.EqualTo("Proxy-Authorization").IgnoreCase);
            Assert.That(push.Headers.Values, Has.None.Contain(own));
        }

        Assert.That(Server.EntryCount, Is.EqualTo(1));
        Ledgers.AssertBalance(logging.Statistics, 1, 1);
    }

    /// <summary>The proxy of the settings, for this machine as well.</summary>
    private sealed class Unbypassed(System.Net.IWebProxy proxy) : System.Net.IWebProxy
    {
        public System.Net.ICredentials? Credentials
        {
            get => proxy.Credentials;
            set => proxy.Credentials = value;
        }

        public Uri? GetProxy(Uri destination) => ((System.Net.WebProxy)proxy).Address;

        public bool IsBypassed(Uri host) => false;
    }
}
