using System;
using System.Collections.Generic;
using System.Diagnostics.CodeAnalysis;
using System.Linq;
using System.Reflection;
using NLog.Common;
using NLog.Targets.Wrappers;

namespace NLog.Targets.Loki.Integration;

/// <summary>
/// The members of NLog's queue that a target needs and NLog does not show: what it discards, its length, and the way to what it holds when
/// a target is closed. Public members of internal classes, found once; a test fails when a version of NLog loses one.
/// </summary>
internal sealed class NLogQueueMembers
{
    private const BindingFlags Any = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic;

    private readonly FieldInfo? _queue;

    private NLogQueueMembers(FieldInfo? queue) => _queue = queue;

    /// <summary>Those of the NLog that is loaded.</summary>
    public static NLogQueueMembers Found { get; } = new(FindQueue());

    /// <summary>An NLog without any of them: calls are counted instead, and what a close finds in the queue is lost.</summary>
    public static NLogQueueMembers None { get; } = new(null);

    /// <summary>The queue of a target just now; NLog may replace it when it initialises the target.</summary>
    public object? QueueOf(AsyncTaskTarget target) => _queue?.GetValue(target);

    /// <summary>Calls <paramref name="discarded"/> for each event that the queue discards, until the returned action is called; null when it cannot be heard.</summary>
    [UnconditionalSuppressMessage("Trimming", "IL2075", Justification = "FindQueue keeps the event.")]
    public Action? Listen(object queue, EventHandler<LogEventDroppedEventArgs> discarded)
    {
        if (queue.GetType().GetEvent("LogEventDropped") is not { EventHandlerType: { } type } dropped || type != discarded.GetType())
            return null;
        dropped.AddEventHandler(queue, discarded);
        return () => dropped.RemoveEventHandler(queue, discarded);
    }

    /// <summary>Reads how many events the queue holds, markers of a flush included; null when it cannot be read.</summary>
    [UnconditionalSuppressMessage("Trimming", "IL2075", Justification = "FindQueue keeps the properties.")]
    public Func<int>? Length(object queue)
    {
        var getter = (queue.GetType().GetProperty("Count") ?? queue.GetType().GetProperty("RequestCount"))?.GetGetMethod();
        return getter?.ReturnType == typeof(int) ? (Func<int>)Delegate.CreateDelegate(typeof(Func<int>), queue, getter) : null;
    }

    /// <summary>Takes everything out of the queue, oldest first, and adds it to a list; null when it cannot be done.</summary>
    [UnconditionalSuppressMessage("Trimming", "IL2075", Justification = "FindQueue keeps the method.")]
    public Action<IList<AsyncLogEventInfo>>? Dequeue(object queue)
    {
        // The overload that returns an array trusts the queue's own count, which a close sets to zero while an event may be on its way.
        var method = queue.GetType().GetMethods(Any).FirstOrDefault(candidate => candidate.Name == "DequeueBatch"
            && candidate.GetParameters() is { Length: 2 } parameters && parameters[0].ParameterType == typeof(int)
            && parameters[1].ParameterType == typeof(IList<AsyncLogEventInfo>));
        if (method is null)
            return null;
        var dequeue = (Action<int, IList<AsyncLogEventInfo>>)Delegate.CreateDelegate(typeof(Action<int, IList<AsyncLogEventInfo>>), queue, method);
        return events => dequeue(int.MaxValue, events);
    }

    // The trimmer sees no use of these members but what is said here.
    [DynamicDependency("_requestQueue", typeof(AsyncTaskTarget))]
    [DynamicDependency(DynamicallyAccessedMemberTypes.PublicEvents | DynamicallyAccessedMemberTypes.PublicMethods, "NLog.Targets.Wrappers.AsyncRequestQueueBase", "NLog")]
    [DynamicDependency(DynamicallyAccessedMemberTypes.PublicEvents | DynamicallyAccessedMemberTypes.PublicMethods | DynamicallyAccessedMemberTypes.PublicProperties, "NLog.Targets.Wrappers.AsyncRequestQueue", "NLog")]
    [DynamicDependency(DynamicallyAccessedMemberTypes.PublicEvents | DynamicallyAccessedMemberTypes.PublicMethods | DynamicallyAccessedMemberTypes.PublicProperties, "NLog.Targets.Wrappers.ConcurrentRequestQueue", "NLog")]
    private static FieldInfo? FindQueue() => typeof(AsyncTaskTarget).GetField("_requestQueue", Any);
}
