using System;
using System.Collections.Concurrent;
using System.Reflection;
using System.Runtime.CompilerServices;
using NLog.Common;
using NLog.Targets;

namespace Costs;

/// <summary>
/// The question what NLog's own queue takes: a ConcurrentQueue doubles its ring, up to 1,048,576 slots, whenever a writer meets a slot that its
/// reader has not left yet, and never goes back.
/// </summary>
internal static class QueueMemory
{
    private const BindingFlags Hidden = BindingFlags.Instance | BindingFlags.NonPublic;

    /// <summary>Bytes of the ring that is written to; 0 where NLog or .NET has other fields.</summary>
    public static long Of(Target target)
    {
        var requests = typeof(AsyncTaskTarget).GetField("_requestQueue", Hidden)?.GetValue(target);
        var queue = requests?.GetType().GetField("_logEventInfoQueue", Hidden)?.GetValue(requests);
        var ring = typeof(ConcurrentQueue<AsyncLogEventInfo>).GetField("_tail", Hidden)?.GetValue(queue);
        var slots = ring?.GetType().GetField("_slots", Hidden | BindingFlags.Public)?.GetValue(ring) as Array;
        // A slot is an item and the number of its turn.
        return (slots?.Length ?? 0) * (long)(Unsafe.SizeOf<AsyncLogEventInfo>() + IntPtr.Size);
    }
}
