using System;
using System.Net.Http;
using System.Threading;
using System.Threading.Tasks;

namespace NLog.Targets.Loki.Tests.Support;

/// <summary>A Loki without a network that reads each push and holds it until the test answers or the target gives up.</summary>
internal sealed class HoldingLoki(ManualTime time) : HttpMessageHandler
{
    /// <summary>Called on the thread that sends.</summary>
    public required Action<HeldPush> Arrived { get; init; }

    /// <summary>Called on the thread that cancels, before the target learns of it.</summary>
    public required Action<HeldPush> Cancelled { get; init; }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var content = request.Content!;
        var push = HeldPush.Read(
            await content.ReadAsByteArrayAsync(CancellationToken.None).ConfigureAwait(false), content.Headers.ContentType?.MediaType == "application/x-protobuf", time.Elapsed);
        // First, because the clock may move as soon as the push has arrived.
        using var cancellation = cancellationToken.Register(() =>
        {
            Cancelled(push);
            push.Answer.TrySetCanceled(cancellationToken);
        });
        Arrived(push);
        return await push.Answer.Task.ConfigureAwait(false);
    }
}
