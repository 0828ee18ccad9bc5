using System;
using System.Collections;
using System.Collections.Generic;
using System.Linq;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Threading.Tasks;
using NLog.Common;
using NLog.Targets.Loki.Tests.Support;
using NUnit.Framework;

namespace NLog.Targets.Loki.Tests.LifeCycle;

/// <summary>A target that is closed at odd moments and more than once: counted, and no exception of it reaches anybody.</summary>
public sealed class DisposalTests : LifeCycleScene
{
    [Category("L8")]
    [Category("Close")]
    [Test]
    public async Task A_target_closed_twice_during_a_push_delivers_what_it_has_and_what_comes_late()
    {
        Server.Faults.Hang(true);
        var logging = Logging.With(Target());
        Log(logging, 10);
        var flush = Flushing(logging);
        await Wait.UntilAsync(() => logging.Statistics.InFlight == 10, "a push under way");
        logging.Target.Dispose();
        logging.Target.Dispose();
        Log(logging, 5);
        await HandedOver(logging);
        Server.Faults.Hang(false);
        await Wait.UntilAsync(() => logging.Statistics.Pending == 0, "everything");
        await flush;
        Ledgers.AssertBalance(logging.Statistics, 15, 15);
        Assert.That(Server.EntryCount, Is.EqualTo(15));
        Assert.That(InternalLog.Where(line => line.Contains(nameof(ObjectDisposedException), StringComparison.Ordinal)), Is.Empty);
        await EndAsync(logging);
    }

    [Category("L8")]
    [Test]
    public async Task What_is_written_to_a_target_after_its_end_is_counted_as_closed_and_throws_nothing()
    {
        var logging = Logging.With(Target());
        Log(logging, 10);
        await EndAsync(logging);
        logging.Factory.Shutdown();
        var errors = new List<Exception?>();
        for (var i = 0; i < 3; i++)
            logging.Target.WriteAsyncLogEvent(new AsyncLogEventInfo(new LogEventInfo(LogLevel.Info, "late", "late"), errors.Add));
        logging.Target.Flush(errors.Add);
        logging.Target.Dispose();
        Assert.That(errors, Has.Count.EqualTo(4).And.None.InstanceOf<ObjectDisposedException>());
        Ledgers.AssertBalance(logging.Statistics, 13, 10, dropped: 3);
        Assert.That(logging.Statistics.CountOf(LokiDropReason.Closed), Is.EqualTo(3));
        Assert.That(InternalLog.Where(line => line.Contains(nameof(ObjectDisposedException), StringComparison.Ordinal)), Is.Empty);
    }

    [Category("L9")]
    [Test]
    public void A_hundred_factories_leave_no_timer_and_nothing_in_any_list_of_ours()
    {
        var before = Count();
        var factories = Enumerable.Range(0, 100).Select(_ => Once()).ToList();
        // What hangs on a factory goes a round later than the factory.
        for (var i = 0; i < 5; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        Assert.That(Time.ArmedTimers, Is.Zero);
        Assert.That(factories.Count(factory => factory.IsAlive), Is.LessThanOrEqualTo(5));
        // The one that looks for what is gone is the next to come.
        Once();
        Assert.That(Count(), Is.LessThanOrEqualTo(before + 5), Fields());
    }

    private static int Count() => Lists().Sum(list => list.Count);

    private static string Fields() => string.Join(", ", Lists().Select(list => $"{list.Name}: {list.Count}"));

    // Every static field of the package that holds a number of things, so that one added tomorrow is looked at too.
    private static IEnumerable<(string Name, int Count)> Lists() => typeof(LokiTarget).Assembly.GetTypes().Where(type => !type.ContainsGenericParameters)
        .SelectMany(type => type.GetFields(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic))
        .Where(field => !field.IsLiteral && typeof(IEnumerable).IsAssignableFrom(field.FieldType) && field.FieldType != typeof(string))
        .Select(field => (field.DeclaringType!.Name + "." + field.Name, ((IEnumerable?)field.GetValue(null))?.Cast<object>().Count() ?? 0));

    [MethodImpl(MethodImplOptions.NoInlining)]
    private WeakReference Once()
    {
        var logging = Logging.With(Target());
        Log(logging, 1);
        logging.Factory.Shutdown();
        logging.Factory.Dispose();
        Ledgers.AssertBalance(logging.Statistics, 1, 1);
        return new WeakReference(logging.Factory);
    }
}
