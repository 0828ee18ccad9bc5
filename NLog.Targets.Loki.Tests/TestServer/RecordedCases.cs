using System;
using System.Collections.Generic;
using System.Linq;
using System.Net.Http;
using System.Threading.Tasks;
using NUnit.Framework;

namespace NLog.Targets.Loki.Tests.TestServer;

/// <summary>The recorded cases against one server with the configuration of loki.yaml and overrides.yaml.</summary>
public abstract class RecordedCases
{
    private HttpClient? _client;
    private RecordedCaseRun? _run;

    private static IEnumerable<TestCaseData> Cases =>
        RecordedCase.All.Select(recorded => new TestCaseData(recorded).SetName($"{{m}}({recorded.Name})"));

    [OneTimeSetUp]
    public async Task FindServer()
    {
        _client = new HttpClient { BaseAddress = await StartAsync() };
        _run = new RecordedCaseRun(_client);
    }

    [OneTimeTearDown]
    public async Task LeaveServer()
    {
        _run?.Dispose();
        _client?.Dispose();
        await StopAsync();
    }

    [TestCaseSource(nameof(Cases))]
    public Task AnswersAndStoresAsRecorded(RecordedCase recorded) => _run!.CheckAsync(recorded);

    [Test]
    public async Task AllRecordedCasesRan()
    {
        foreach (var recorded in RecordedCase.All)
        {
            await _run!.CheckAsync(recorded);
        }

        TestContext.Out.WriteLine($"{_run!.CasesRun} of {RecordedCase.All.Count} recorded cases ran against {_client!.BaseAddress}.");
        Assert.That(_run.CasesRun, Is.EqualTo(105));
    }

    protected abstract Task<Uri> StartAsync();

    protected abstract Task StopAsync();
}
