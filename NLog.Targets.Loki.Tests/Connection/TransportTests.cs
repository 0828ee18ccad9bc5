using System;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Http;
using System.Threading;
using System.Threading.Tasks;
using NLog.Targets.Loki.Connection;
using NLog.Targets.Loki.Contract;
using NLog.Targets.Loki.Integration;
using NLog.Targets.Loki.Testing;
using NLog.Targets.Loki.Tests.Support;
using NUnit.Framework;

namespace NLog.Targets.Loki.Tests.Connection;

/// <summary>How the handler is set up, and what a request and the reading of its answer cost.</summary>
[NonParallelizable]
public sealed class TransportTests : ServerTests
{
    private const long Mebibyte = 1 << 20;

    private static PushOptions Defaults() => new OptionsReader(new LokiTarget(), _ => null).Read(isWrapped: false).Push;

    [Test]
    [Category("R3")]
    [Category("R16")]
    public void Redirects_cookies_decompression_and_credentials_are_off_and_headers_bounded()
    {
        using var handler = Transport.Create(Defaults());
#if NETSTANDARD_ASSET
        var settings = (HttpClientHandler)handler;
#else
        var settings = (SocketsHttpHandler)handler;
        Assert.That(settings.MaxResponseDrainSize, Is.Zero);
        Assert.That(settings.ActivityHeadersPropagator, Is.Null);
        Assert.That(settings.SslOptions.RemoteCertificateValidationCallback, Is.Null, "the platform's own validation");
        Assert.That(settings.SslOptions.EnabledSslProtocols, Is.EqualTo(System.Security.Authentication.SslProtocols.None), "the platform's own choice");
#endif
        Assert.That(settings.AllowAutoRedirect, Is.False);
        Assert.That(settings.UseCookies, Is.False);
        Assert.That(settings.AutomaticDecompression, Is.EqualTo(DecompressionMethods.None));
        Assert.That(settings.Credentials, Is.Null);
        Assert.That(settings.DefaultProxyCredentials, Is.Null);
        Assert.That(settings.PreAuthenticate, Is.False);
        Assert.That(settings.MaxResponseHeadersLength, Is.EqualTo(16), "KiB");
    }

#if !NETSTANDARD_ASSET
    [Test]
    [Category("N13")]
    [Category("N7")]
    public void A_connection_lives_for_two_minutes_at_most_and_takes_five_seconds_to_make()
    {
        using var handler = (SocketsHttpHandler)Transport.Create(Defaults());
        Assert.That(handler.PooledConnectionLifetime, Is.EqualTo(TimeSpan.FromMinutes(2)), "names are looked up again");
        Assert.That(handler.PooledConnectionIdleTimeout, Is.LessThan(TimeSpan.FromMinutes(2)), "before Loki closes it");
        Assert.That(handler.ConnectTimeout, Is.EqualTo(TimeSpan.FromSeconds(5)));
    }
#endif

    [Test]
    [Category("N22")]
    [Category("R2")]
    public async Task A_request_speaks_HTTP_1_1_and_carries_its_own_authorization()
    {
        var seen = new ConcurrentQueue<(Version Version, HttpVersionPolicy Policy, string? Authorization)>();
        using var http = new Recording(request => seen.Enqueue((request.Version, request.VersionPolicy, request.Headers.Authorization?.ToString())));
        using var logging = Logging.With(new LokiTarget(TimeProvider.System, null, http) { Endpoint = Server.Url.ToString(), BearerToken = "token", TaskDelayMilliseconds = 20 });
        logging.Logger().Info("line");
        Assert.That(await logging.FlushAsync(), Is.Null);
        Assert.That(seen, Is.EqualTo(new[] { (HttpVersion.Version11, HttpVersionPolicy.RequestVersionOrLower, "Bearer token") }));
    }

    [TestCase(false, 204)]
    [TestCase(false, 500)]
    [TestCase(true, 500)]
    [Category("H16")]
    [Category("H17")]
    [Category("R16")]
    public async Task A_gigabyte_for_an_answer_is_not_read(bool gzip, int status)
    {
        using var logging = Logging.To(Server.Url, "retryDelayMilliseconds=\"10\"");
        async Task<long> CostAsync(LokiFault? fault)
        {
            if (fault is not null)
                Server.Faults.Add(fault);
            logging.Logger().Info("line");
            var before = GC.GetTotalAllocatedBytes(precise: true);
            Assert.That(await logging.FlushAsync(), Is.Null);
            return GC.GetTotalAllocatedBytes(precise: true) - before;
        }

        var answer = new LokiFault { Status = status, Stores = status == 204, BodyLength = 1L << 30, Gzip = gzip };
        await CostAsync(answer);
        var plain = await CostAsync(status == 204 ? null : new LokiFault { Status = status });
        var cost = await CostAsync(answer);
        TestContext.Out.WriteLine($"{cost} bytes instead of {plain}");
        // Most of it is what the test server makes of a fault; of the body, the target has a buffer of 4 KiB.
        Assert.That(cost - plain, Is.LessThan(4 * Mebibyte));
        Assert.That(Server.EntryCount, Is.EqualTo(3));
        Ledgers.AssertBalance(logging.Statistics, 3, 3);
    }

    [Test]
    [Category("R16")]
    public async Task Of_an_error_text_four_kibibytes_are_read_and_no_byte_more()
    {
        var body = new EndlessBody();
        var isFirst = true;
        using var http = new Recording(_ => { })
        {
            Answer = () => !Interlocked.Exchange(ref isFirst, false) ? null : new HttpResponseMessage(HttpStatusCode.InternalServerError) { Content = new StreamContent(body, 1) },
        };
        using var logging = Logging.With(new LokiTarget(TimeProvider.System, null, http) { Endpoint = Server.Url.ToString(), TaskDelayMilliseconds = 20, RetryDelayMilliseconds = 10 });
        logging.Logger().Info("line");
        Assert.That(await logging.FlushAsync(), Is.Null);
        Assert.That(body.BytesRead, Is.EqualTo(4096));
        Assert.That(body.IsDisposed);
        Ledgers.AssertBalance(logging.Statistics, 1, 1);
    }

    private sealed class Recording(Action<HttpRequestMessage> see) : DelegatingHandler(Authority.OwnHandler())
    {
        public Func<HttpResponseMessage?> Answer { get; init; } = () => null;

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellation)
        {
            see(request);
            return Answer() ?? await base.SendAsync(request, cancellation);
        }
    }
}
