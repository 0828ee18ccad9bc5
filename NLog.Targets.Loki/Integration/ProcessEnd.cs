using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using NLog.Common;
#if NET
using System.Runtime.InteropServices;
using System.Runtime.Loader;
#endif

namespace NLog.Targets.Loki.Integration;

/// <summary>
/// Flushes what is left when the process ends, also what wrappers around a target hold. On Linux NLog closes its targets then without a flush; Unloading is raised
/// before ProcessExit, where NLog listens. SIGTERM and SIGINT raise neither since .NET 10, so they are listened to. netstandard2.0 has
/// ProcessExit only, where NLog usually comes first; its close then hands the queue over and waits for the drain, see <see cref="AccountRegistry"/>.
/// </summary>
internal static class ProcessEnd
{
    private static readonly List<LogFactory> s_factories = new();
#if NET
    private static readonly List<PosixSignalRegistration> s_signals = new();
#endif

    public static void Watch(LogFactory factory)
    {
        lock (s_factories)
        {
            s_factories.Add(factory);
            if (s_factories.Count == 1)
                StartListening();
        }
    }

    public static void Forget(LogFactory factory)
    {
        lock (s_factories)
        {
            if (s_factories.Remove(factory) && s_factories.Count == 0)
                StopListening();
        }
    }

#if NET
    // That of this assembly, which is also raised when a collectible context is unloaded while the process goes on.
    private static AssemblyLoadContext Context => AssemblyLoadContext.GetLoadContext(typeof(ProcessEnd).Assembly) ?? AssemblyLoadContext.Default;

    private static void StartListening()
    {
        Context.Unloading += OnUnloading;
        Listen(PosixSignal.SIGTERM);
        Listen(PosixSignal.SIGINT);
    }

    private static void StopListening()
    {
        Context.Unloading -= OnUnloading;
        s_signals.ForEach(signal => signal.Dispose());
        s_signals.Clear();
    }

    private static void OnUnloading(AssemblyLoadContext context)
    {
        End();
        if (!context.IsCollectible)
            return;
        // The process goes on without us.
        lock (s_factories)
        {
            s_factories.Clear();
            StopListening();
        }
    }

    private static void Listen(PosixSignal number)
    {
        try
        {
            // The signal is left as it is: afterwards the process dies of it as it would have. Handlers are called last come, first
            // served; a host that was started after NLog has taken the signal by then and stops the application in its own time.
            s_signals.Add(PosixSignalRegistration.Create(number, signal =>
            {
                if (!signal.Cancel)
                    FlushBeforeSignal();
            }));
        }
        catch (Exception error)
        {
            InternalLogger.Debug(error, "Loki: {0} cannot be listened to", number);
        }
    }

    // Somebody may yet keep the process alive: nothing is given up here, and what is left is only said.
    private static void FlushBeforeSignal()
    {
        var accounts = Factories().SelectMany(AccountRegistry.Accounts).ToList();
        if (accounts.Exists(account => account.MayDeliver))
            Flush(new Deadline(TimeToEnd(accounts)));
        foreach (var account in accounts)
            account.SayWhatIsLeft();
    }
#else
    private static void StartListening() => AppDomain.CurrentDomain.ProcessExit += OnProcessExit;

    private static void StopListening() => AppDomain.CurrentDomain.ProcessExit -= OnProcessExit;

    private static void OnProcessExit(object? sender, EventArgs arguments) => End();
#endif

    // What is not delivered by the deadline is lost and counted.
    private static void End()
    {
        var accounts = Factories().SelectMany(AccountRegistry.Accounts).ToList();
        var deadline = new Deadline(TimeToEnd(accounts));
        Flush(deadline);
        foreach (var account in accounts)
            account.Finish(deadline);
    }

    private static List<LogFactory> Factories()
    {
        lock (s_factories)
            return s_factories.ToList();
    }

    private static TimeSpan TimeToEnd(IEnumerable<TargetAccount> accounts) =>
        accounts.SelectMany(account => account.Targets).Select(target => target.CloseTimeout).DefaultIfEmpty(TimeSpan.FromSeconds(5)).Max();

    // Side by side with one deadline: the time of the slowest is what the user waits, not the sum. A factory has a thread of its own, because
    // its flush waits for NLog's configuration lock without any deadline, and a reload that stands still holds it for ever. The targets are
    // flushed beside it for that case, and for those that no rule names.
    private static void Flush(Deadline deadline)
    {
        var flushes = new List<Task>();
        foreach (var factory in Factories())
        {
            flushes.Add(OnThread(() => factory.Flush(deadline.Left)));
            foreach (var target in AccountRegistry.Accounts(factory).SelectMany(account => account.Targets))
                flushes.Add(Flush(target));
            flushes.AddRange(AccountRegistry.Accounts(factory).Select(account => account.Closing));
        }

        try
        {
            Task.WaitAll(flushes.ToArray(), deadline.Left);
        }
        catch (AggregateException error)
        {
            InternalLogger.Debug(error, "Loki: a flush at the end of the process failed");
        }
    }

    private static Task Flush(LokiTarget target)
    {
        var flushed = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        return Task.WhenAll(Task.Run(() => target.Flush(_ => flushed.TrySetResult(true))), flushed.Task);
    }

    private static Task OnThread(Action work)
    {
        var done = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        var thread = new Thread(() =>
        {
            try
            {
                work();
            }
            catch (Exception error)
            {
                // With throwExceptions NLog's flush throws when it is not complete.
                InternalLogger.Debug(error, "Loki: NLog's flush at the end of the process failed");
            }

            done.TrySetResult(true);
        });
        (thread.IsBackground, thread.Name) = (true, "Loki flush at exit");
        thread.Start();
        return done.Task;
    }
}
