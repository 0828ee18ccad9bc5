using System;
using System.Collections.Generic;
using System.Diagnostics.CodeAnalysis;
using System.Linq;
using System.Reflection;
using NLog.Common;

namespace NLog.Targets.Loki.Integration;

/// <summary>
/// Takes what lies in NLog's queue when a target is closed. NLog clears it without a trace, and under load that is
/// hundreds of events a reload; there is no public way to it, so a missing member means only that those events are counted
/// as lost instead of delivered.
/// </summary>
internal static class NLogQueue
{
    private const BindingFlags Any = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic;

    private static readonly FieldInfo? s_queue = typeof(AsyncTaskTarget).GetField("_requestQueue", Any);
    private static readonly MethodInfo? s_dequeue = FindDequeue();

    /// <summary>Takes everything out of the queue, oldest first.</summary>
    public static IReadOnlyList<AsyncLogEventInfo> Take(AsyncTaskTarget target)
    {
        try
        {
            if (s_queue?.GetValue(target) is { } queue && s_dequeue?.Invoke(queue, new object[] { int.MaxValue }) is AsyncLogEventInfo[] events)
                return events;
        }
        catch (Exception error)
        {
            InternalLogger.Debug(error, "{0}: NLog's queue cannot be read at close", target);
        }

        return Array.Empty<AsyncLogEventInfo>();
    }

    [UnconditionalSuppressMessage("Trimming", "IL2075", Justification = "Without the member the events are counted instead of delivered.")]
    private static MethodInfo? FindDequeue() => s_queue?.FieldType.GetMethods(Any)
        .FirstOrDefault(method => method.Name == "DequeueBatch" && method.ReturnType == typeof(AsyncLogEventInfo[])
            && method.GetParameters() is { Length: 1 } parameters && parameters[0].ParameterType == typeof(int));
}
