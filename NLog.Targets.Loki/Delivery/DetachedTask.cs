using System;
using System.Threading;
using System.Threading.Tasks;

namespace NLog.Targets.Loki.Delivery;

/// <summary>
/// Starts work that must not carry the context of the thread that starts it: no activity, no async
/// local of the application may travel with a request.
/// </summary>
internal static class DetachedTask
{
    public static Task Run(Func<Task> work)
    {
        if (ExecutionContext.IsFlowSuppressed())
            return Task.Run(work);
        using (ExecutionContext.SuppressFlow())
            return Task.Run(work);
    }
}
