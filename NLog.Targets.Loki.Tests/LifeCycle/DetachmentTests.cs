using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Diagnostics;
using System.Linq;
using System.Net;
using System.Net.Http;
using System.Reflection;
using System.Threading;
using System.Threading.Tasks;
using NLog.Targets.Loki.Tests.Support;
using NUnit.Framework;
using RichardSzalay.MockHttp;

namespace NLog.Targets.Loki.Tests.LifeCycle;

/// <summary>What delivers lines has nothing to do with the thread that configures, logs, flushes or closes, and needs none of NLog's locks.</summary>
public sealed class DetachmentTests : LifeCycleScene
{
    private static readonly AsyncLocal<string?> s_local = new();

    [Test]
    public async Task No_push_and_no_timer_carries_an_async_local_of_the_application()
    {
        var seen = new ConcurrentQueue<string?>();
        var statuses = new ConcurrentQueue<HttpStatusCode>([HttpStatusCode.ServiceUnavailable, HttpStatusCode.NoContent]);
        using var http = new MockHttpMessageHandler();
        http.When("*").Respond(_ =>
        {
            seen.Enqueue(s_local.Value);
            return new HttpResponseMessage(statuses.TryDequeue(out var status) ? status : HttpStatusCode.NoContent);
        });
        var time = new WatchedTime(() => ExecutionContext.IsFlowSuppressed() ? null : s_local.Value);
        s_local.Value = "of the application";
        LokiTarget Target() => new(time, null, http) { Name = "loki", Endpoint = "http://loki.test", TaskDelayMilliseconds = 10, RetryDelayMilliseconds = 10 };
        using (var logging = Logging.With(Target()))
        {
            Log(logging, 1);
            await Wait.UntilAsync(() => logging.Statistics.Delivered == 1, "a retry");
            Log(logging, 1);
            await logging.FlushAsync();
            logging.Factory.Configuration = With(logging, Target());
            Log(logging, 1);
        }

        s_local.Value = null;
        Assert.That(seen, Has.Count.GreaterThanOrEqualTo(4).And.All.Null);
        Assert.That(time.Seen, Is.Not.Empty.And.All.Null, "a timer keeps the context of its maker");
    }

    [Test]
    public async Task A_shutdown_on_a_thread_with_a_context_of_its_own_posts_nothing_to_it_and_delivers()
    {
        var context = new BlockedContext();
        var posts = -1;
        LokiStatistics statistics = null!;
        var thread = new Thread(() =>
        {
            SynchronizationContext.SetSynchronizationContext(context);
            using var logging = Logging.To(Server.Url, "closeTimeoutSeconds=\"60\"");
            Log(logging, 100);
            logging.FlushAsync().GetAwaiter().GetResult();
            logging.Reload(Logging.TargetXml(Server.Url, "closeTimeoutSeconds=\"60\""));
            Log(logging, 100);
            logging.Factory.Shutdown();
            statistics = logging.Statistics;
            posts = context.Posts;
        });
        thread.Start();
        await Wait.UntilAsync(() => !thread.IsAlive, "the end of a thread that is blocked while NLog shuts down", 40);
        Assert.That(posts, Is.Zero);
        Ledgers.AssertBalance(statistics, 200, 200);
    }

    [Test]
    public async Task A_task_scheduler_of_the_application_gets_no_task()
    {
        var scheduler = new CountingScheduler();
        var work = Task.Factory.StartNew(
            () =>
            {
                using var logging = Logging.To(Server.Url);
                Log(logging, 100);
                logging.Reload(Logging.TargetXml(Server.Url));
                Log(logging, 100);
            },
            CancellationToken.None, TaskCreationOptions.None, scheduler);
        await work.WaitAsync(TimeSpan.FromSeconds(40));
        Assert.That(scheduler.Tasks, Is.EqualTo(1), "the one above");
        Assert.That(Server.EntryCount, Is.EqualTo(200));
    }

#if !NETSTANDARD_ASSET
    // The handler of netstandard2.0 cannot be told to leave activities alone.
    [Test]
    public async Task A_listener_to_all_activities_hears_of_no_push()
    {
        var heard = new ConcurrentQueue<string>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = _ => true,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStarted = activity => heard.Enqueue(activity.Source.Name + " " + activity.OperationName),
        };
        ActivitySource.AddActivityListener(listener);
        using var activity = new Activity("request of a user").SetIdFormat(ActivityIdFormat.W3C).Start();
        heard.Clear();
        using (var logging = Logging.To(Server.Url))
        {
            Log(logging, 1);
            await logging.FlushAsync();
        }

        // How a connection comes about is told by sources of the runtime that no client can switch off; they are experimental and off unless asked for by name.
        Assert.That(heard.Where(name => !name.StartsWith("Experimental.", StringComparison.Ordinal)), Is.Empty);
        Assert.That(Server.Pushes.Single().Headers.Keys.Where(name => name.ToLowerInvariant() is "traceparent" or "tracestate" or "request-id" or "baggage"), Is.Empty);
    }
#endif

    [Test]
    public async Task Pushes_retries_and_their_notices_go_on_while_NLogs_locks_are_held_and_log_nothing()
    {
        Server.Faults.Respond(3, 503);
        using var own = new MemoryTarget("memory") { Layout = "${logger}" };
        var logging = Logging.With(Target());
        var configuration = With(logging, Target());
        configuration.AddRuleForAllLevels(own);
        logging.Factory.Configuration = configuration;
        Log(logging, 10);
        await Wait.UntilAsync(() => logging.Statistics.Buffered == 10, "the hand-over");
        var target = configuration.AllTargets.OfType<LokiTarget>().Single();
        await WithLocks(
            [LockOf(logging.Factory, typeof(LogFactory)), LockOf(target, typeof(Target))],
            () => Time.AdvanceUntilAsync(logging, () => logging.Statistics.Delivered == 10, TimeSpan.FromMilliseconds(100), TimeSpan.FromMinutes(1), "delivery"));
        Assert.That(Server.Faults.Fired, Is.EqualTo(3));
        Assert.That(own.Logs, Is.EqualTo(Enumerable.Repeat("test", 10)));
        Ledgers.AssertBalance(logging.Statistics, 10, 10);
        await EndAsync(logging);
    }

    private static object LockOf(object owner, Type type) =>
        type.GetField("_syncRoot", BindingFlags.Instance | BindingFlags.NonPublic)?.GetValue(owner)
            ?? type.GetProperty("SyncRoot", BindingFlags.Instance | BindingFlags.NonPublic)!.GetValue(owner)!;

    /// <summary>Holds the locks on a thread of their own while the work runs.</summary>
    private static async Task WithLocks(object[] locks, Func<Task> work)
    {
        var held = new TaskCompletionSource();
        using var release = new ManualResetEventSlim();
        var holder = Task.Factory.StartNew(
            () =>
            {
                foreach (var one in locks)
                    Monitor.Enter(one);
                held.SetResult();
                release.Wait();
                foreach (var one in locks)
                    Monitor.Exit(one);
            },
            TaskCreationOptions.LongRunning);
        await held.Task;
        try
        {
            await work();
        }
        finally
        {
            release.Set();
            await holder;
        }
    }

    /// <summary>The system's clock, noting what each timer would capture.</summary>
    private sealed class WatchedTime(Func<string?> context) : TimeProvider
    {
        public ConcurrentQueue<string?> Seen { get; } = new();

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            Seen.Enqueue(context());
            return base.CreateTimer(callback, state, dueTime, period);
        }
    }

    /// <summary>The context of a thread that is too busy to do what is posted to it.</summary>
    private sealed class BlockedContext : SynchronizationContext
    {
        private int _posts;

        public int Posts => Volatile.Read(ref _posts);

        public override void Post(SendOrPostCallback d, object? state) => Interlocked.Increment(ref _posts);

        public override SynchronizationContext CreateCopy() => this;
    }

    /// <summary>Runs each task on a thread of its own and counts them.</summary>
    private sealed class CountingScheduler : TaskScheduler
    {
        private int _tasks;

        public int Tasks => Volatile.Read(ref _tasks);

        protected override void QueueTask(Task task)
        {
            Interlocked.Increment(ref _tasks);
            new Thread(() => TryExecuteTask(task)).Start();
        }

        protected override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued) => false;

        protected override IEnumerable<Task> GetScheduledTasks() => [];
    }
}
