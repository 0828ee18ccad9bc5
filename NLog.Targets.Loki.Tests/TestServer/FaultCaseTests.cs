using System;
using System.Collections.Generic;
using System.Linq;
using System.Net.Http;
using System.Threading;
using System.Threading.Tasks;
using NLog.Targets.Loki.Tests.Support;
using NUnit.Framework;

namespace NLog.Targets.Loki.Tests.TestServer;

public sealed class FaultCaseTests : ServerTests
{
    private static IEnumerable<TestCaseData> Cases => FaultCase.All.Select(fault => new TestCaseData(fault).SetName($"{{m}}({fault.Name})"));

    [TestCaseSource(nameof(Cases))]
    public async Task A_plain_client_sees_the_fault_and_after_it_a_healthy_server(FaultCase fault)
    {
        Server.Faults.Add(fault.Fault);
        using var client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false });

        // Only where no status is to be seen may the client give up; a busy machine takes its time for the others.
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(fault.Seen == 0 ? 1 : 30));
        var seen = 0;
        try
        {
            using var response = await PlainPush.SendAsync(client, Server.Url, cancellation: patience.Token);
            seen = (int)response.StatusCode;
        }
        catch (Exception error) when (error is HttpRequestException or OperationCanceledException)
        {
            TestContext.Out.WriteLine((error.InnerException ?? error).Message);
        }

        Assert.That(seen, Is.EqualTo(fault.Seen));
        var push = Server.Pushes.Single();
        Assert.That(push.Fault, Is.SameAs(fault.Fault));
        var isSent = fault.Fault.Raw is null && fault.Fault.AnswerBytes is null or >= 12;
        Assert.That(push.Status, Is.EqualTo(isSent ? fault.Fault.Status ?? 204 : 0), "what was sent whether the client waited for it or not");
        Assert.That(Server.Faults.Fired, Is.EqualTo(1));
        Assert.That(Server.Faults.Planned, Is.Zero);
        var stores = fault.Fault.RequestBytes is null && (fault.Fault.Stores ?? (fault.Fault.Status is null && fault.Fault.Raw is null));
        Assert.That(Server.EntryCount, Is.EqualTo(stores ? 1 : 0));

        using var other = new HttpClient();
        Assert.That(await PlainPush.StatusAsync(other, Server.Url), Is.EqualTo(204));
        Assert.That(Server.Pushes[^1].Fault, Is.Null);
    }
}
