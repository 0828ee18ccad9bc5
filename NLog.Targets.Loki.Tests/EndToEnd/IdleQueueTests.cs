using System;
using System.Reflection;
using System.Threading.Tasks;
using NLog.Targets.Loki.Tests.Support;
using NUnit.Framework;

namespace NLog.Targets.Loki.Tests.EndToEnd;

/// <summary>What lies in NLog's queue while NLog's writer stands still.</summary>
public sealed class IdleQueueTests : ServerTests
{
    [TestCase(false)]
    [TestCase(true)]
    public async Task Lines_arrive_although_NLog_missed_to_start_its_writer(bool goesOn)
    {
        var time = new ManualTime();
        using var logging = Logging.With(new LokiTarget(time, () => 0.5, null) { Endpoint = Server.Url.ToString(), TaskDelayMilliseconds = 100 });
        logging.Logger().Info("before");
        await time.AdvanceUntilAsync(logging, () => logging.Statistics.Delivered == 1, TimeSpan.FromMilliseconds(50), TimeSpan.FromSeconds(10), "the first line");

        // An event that comes in the moment in which the writer finds the queue empty and does not yet say so.
        var writer = typeof(AsyncTaskTarget).GetField("_previousTask", BindingFlags.Instance | BindingFlags.NonPublic)!;
        writer.SetValue(logging.Target, new TaskCompletionSource().Task);
        logging.Logger().Info("missed");
        writer.SetValue(logging.Target, null);
        if (goesOn)
            logging.Logger().Info("and one more");

        // The first second starts with the last hand-over.
        for (var second = 0; second < 3; second++)
        {
            time.Advance(TimeSpan.FromSeconds(1));
            await Wait.UntilAsync(() => EmptyQueue.Of(logging.Target) && logging.UnderWay == 0, "the queue is empty");
        }

        var lines = goesOn ? 3 : 2;
        await time.AdvanceUntilAsync(logging, () => logging.Statistics.Pending == 0, TimeSpan.FromMilliseconds(50), TimeSpan.FromSeconds(10), "the other lines");
        Assert.That(Server.EntryCount, Is.EqualTo(lines));
        Ledgers.AssertBalance(logging.Statistics, lines, lines);
    }
}
