using System;
using System.Collections.Concurrent;
using System.Diagnostics;
using System.Threading.Tasks;
using NLog.Targets.Loki.Tests.Support;
using NUnit.Framework;

namespace NLog.Targets.Loki.Tests.Diagnostics;

/// <summary>An application that logs what its HTTP clients do does not hear of the target's own.</summary>
[NonParallelizable]
public sealed class FeedbackTests : ServerTests
{
    [Test]
    [Category("P4")]
    [Category("R24")]
    public async Task A_listener_that_logs_every_activity_and_request_is_not_fed_by_its_own_lines()
    {
        using var logging = Logging.To(Server.Url);
        var heard = new ConcurrentQueue<string>();
        void Hear(string what)
        {
            heard.Enqueue(what);
            if (heard.Count < 1000)
                logging.Logger().Info("heard {what}", what);
        }

        using var activities = new ActivityListener
        {
            ShouldListenTo = source => source.Name.StartsWith("System.Net", StringComparison.Ordinal) || source.Name.StartsWith("NLog", StringComparison.Ordinal),
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStarted = activity => Hear("activity " + activity.OperationName),
        };
        ActivitySource.AddActivityListener(activities);
        using var all = DiagnosticListener.AllListeners.Subscribe(new Observer<DiagnosticListener>(listener =>
        {
            if (listener.Name == "HttpHandlerDiagnosticListener")
                listener.Subscribe(new Observer<System.Collections.Generic.KeyValuePair<string, object?>>(pair => Hear("event " + pair.Key)));
        }));
        using var work = new Activity("work of the application").Start();
        Server.Faults.Respond(2, 503);
        logging.Logger().Info("line");
        Assert.That(await logging.FlushAsync(), Is.Null);
        Assert.That(await logging.FlushAsync(), Is.Null);
#if NETSTANDARD_ASSET
        // HttpClientHandler has no switch for it; documented. What the test shows here is that the loop does not stand in the way of delivery.
        Ledgers.AssertBalance(logging.Statistics, logging.Statistics.Emitted, logging.Statistics.Delivered, pending: logging.Statistics.Pending);
#else
        Assert.That(heard, Is.Empty);
        Assert.That(Server.Pushes, Has.Count.EqualTo(3));
        foreach (var push in Server.Pushes)
            Assert.That(push.Headers.Keys, Has.None.EqualTo("traceparent").IgnoreCase);
        Assert.That(Server.EntryCount, Is.EqualTo(1));
        Ledgers.AssertBalance(logging.Statistics, 1, 1);
#endif
    }

    private sealed class Observer<T>(Action<T> see) : IObserver<T>
    {
        public void OnCompleted()
        {
        }

        public void OnError(Exception error)
        {
        }

        public void OnNext(T value) => see(value);
    }
}
