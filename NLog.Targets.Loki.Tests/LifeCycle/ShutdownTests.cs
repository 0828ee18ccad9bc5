using System;
using System.Net;
using System.Net.Http;
using System.Threading;
using System.Threading.Tasks;
using NLog.Targets.Loki.Testing;
using NLog.Targets.Loki.Tests.Support;
using NUnit.Framework;
using RichardSzalay.MockHttp;

namespace NLog.Targets.Loki.Tests.LifeCycle;

/// <summary>How long a shutdown may take, on the clock of the test, and that it leaves no line uncounted and one word about it.</summary>
public sealed class ShutdownTests : LifeCycleScene
{
    private const int Lines = 1000;

    private static readonly TimeSpan s_ceiling = TimeSpan.FromSeconds(60);

    [Category("L1")]
    [Category("ShutdownUp")]
    [Test]
    public async Task Before_a_healthyServer_everything_arrives_and_no_time_passes()
    {
        var logging = Logging.With(Target());
        Log(logging, 20_000);
        await Task.Run(logging.Factory.Shutdown).WaitAsync(s_ceiling);
        Ledgers.AssertBalance(logging.Statistics, 20_000, 20_000);
        Assert.That(Server.EntryCount, Is.EqualTo(20_000));
        Assert.That(Time.Elapsed, Is.EqualTo(TimeSpan.Zero));
        Assert.That(Summaries, Is.Empty);
    }

    [Category("L2")]
    [Category("L3")]
    [Category("ShutdownDown")]
    [TestCase("refused")]
    [TestCase("500")]
    public async Task Before_aServer_that_fails_three_tries_are_enough(string failure)
    {
        if (failure == "refused")
            await Server.StopAsync();
        else
            Server.Faults.Respond(LokiFaults.Always, 500);
        var logging = Logging.With(Target());
        Log(logging, Lines);
        var closing = Task.Run(logging.Factory.Shutdown);
        await Time.AdvanceUntilAsync(logging, () => logging.Statistics.Errors == 3, TimeSpan.FromMilliseconds(50), TimeSpan.FromSeconds(5), "three failures");
        await closing.WaitAsync(s_ceiling);
        Assert.That(logging.Statistics.Requests, Is.EqualTo(3));
        AssertAllClosed(logging);
    }

    [Category("L3")]
    [Category("ShutdownDown")]
    [TestCase("refused")]
    [TestCase("500")]
    [TestCase("401")]
    public async Task Before_aServer_that_is_known_to_be_down_there_is_one_probe_and_no_time_passes(string failure)
    {
        if (failure == "refused")
            await Server.StopAsync();
        else
            Server.Faults.Respond(LokiFaults.Always, int.Parse(failure, System.Globalization.CultureInfo.InvariantCulture));
        var logging = Logging.With(Target());
        Log(logging, Lines);
        await Time.AdvanceUntilAsync(logging, () => logging.Statistics.Errors == 1, TimeSpan.FromMilliseconds(500), TimeSpan.FromSeconds(5), "the outage");
        var known = Time.Elapsed;
        await Task.Run(logging.Factory.Shutdown).WaitAsync(s_ceiling);
        Assert.That(logging.Statistics.Requests, Is.EqualTo(2));
        Assert.That(Time.Elapsed, Is.EqualTo(known));
        AssertAllClosed(logging);
    }

    [Category("L3")]
    [Category("ShutdownDown")]
    [Test]
    public async Task Before_aServer_that_never_answers_the_flush_has_its_time_and_the_close_none()
    {
        Server.Faults.Hang(true);
        var logging = Logging.With(Target());
        Log(logging, Lines);
        var closing = Task.Run(logging.Factory.Shutdown);
        await Wait.UntilAsync(() => logging.Statistics.Requests == 1, "a request");
        Time.Advance(TimeSpan.FromSeconds(9.9));
        Assert.That(closing.IsCompleted, Is.False);
        Time.Advance(TimeSpan.FromSeconds(0.1));
        await closing.WaitAsync(s_ceiling);
        AssertAllClosed(logging);
    }

    [Category("L3")]
    [Category("ShutdownSlow")]
    [Test]
    public async Task Before_a_slowServer_the_close_goes_on_delivering_after_the_flush_and_the_rest_is_counted()
    {
        using var turn = new SemaphoreSlim(0);
        using var http = new MockHttpMessageHandler();
        http.When("*").Respond(async request =>
        {
            if (!(await request.Content!.ReadAsStringAsync()).Contains("\"error\"", StringComparison.Ordinal))
                await turn.WaitAsync();
            return new HttpResponseMessage(HttpStatusCode.NoContent);
        });
        var target = Target(http);
        target.BatchSize = Lines / 4;
        target.CloseTimeoutSeconds = 50;
        var logging = Logging.With(target);
        Log(logging, Lines - 1);
        Log(logging, 1, LogLevel.Error);
        var closing = Task.Run(logging.Factory.Shutdown);
        async Task AnswerOne(int delivered)
        {
            turn.Release();
            await Wait.UntilAsync(() => logging.Statistics.Delivered == delivered, delivered + " lines", state: () => $"{logging.Statistics}; {string.Join('\n', InternalLog)}");
        }

        // On this clock nothing but a flush sends a batch that is not full: its deadline has begun.
        await Wait.UntilAsync(() => logging.Statistics.Delivered == 1, "the line of the other stream");
        await AnswerOne(1 + (Lines / 4));
        Time.Advance(TimeSpan.FromSeconds(10));
        Assert.That(closing.IsCompleted, Is.False);
        await AnswerOne(1 + (Lines / 2));
        await HandedOver(logging);
        Time.Advance(TimeSpan.FromSeconds(50));
        await closing.WaitAsync(s_ceiling);
        Ledgers.AssertBalance(logging.Statistics, Lines, 1 + (Lines / 2), dropped: (Lines / 2) - 1);
        Assert.That(logging.Statistics.CountOf(LokiDropReason.Closed), Is.EqualTo((Lines / 2) - 1));
        Assert.That(Summaries, Has.Count.EqualTo(1));
        turn.Release(2);
    }

    private void AssertAllClosed(Logging logging)
    {
        Ledgers.AssertBalance(logging.Statistics, Lines, 0, dropped: Lines);
        Assert.That(logging.Statistics.CountOf(LokiDropReason.Closed), Is.EqualTo(Lines));
        Assert.That(Summaries, Has.Count.EqualTo(1));
        Assert.That(Summaries[0], Does.Contain($"{Lines} entries").And.Contain($"closed={Lines}"));
        Assert.That(Server.EntryCount, Is.Zero);
    }
}
