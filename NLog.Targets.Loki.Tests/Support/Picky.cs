using System;
using System.Net;
using System.Net.Http;
using System.Threading;
using System.Threading.Tasks;

namespace NLog.Targets.Loki.Tests.Support;

/// <summary>A gateway that refuses, without saying why, every request in which a word occurs, and passes on the others.</summary>
internal sealed class Picky(string word, int status) : DelegatingHandler(Authority.OwnHandler())
{
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellation)
    {
        var body = await request.Content!.ReadAsByteArrayAsync(cancellation);
        return System.Text.Encoding.UTF8.GetString(body).Contains(word, StringComparison.Ordinal)
            ? new HttpResponseMessage((HttpStatusCode)status)
            : await base.SendAsync(request, cancellation);
    }
}
