using System;

namespace NLog.Targets.Loki.Testing;

/// <summary>A fault with the pushes it is meant for; guarded by the lock of <see cref="LokiFaults"/>.</summary>
internal sealed class PlannedFault(LokiFault fault, int left, Func<IncomingPush, bool>? when)
{
    public LokiFault Fault => fault;

    public Func<IncomingPush, bool>? When => when;

    /// <summary>How many more pushes it meets.</summary>
    public int Left { get; private set; } = left;

    public bool IsForEver => Left == LokiFaults.Always;

    public void Use()
    {
        if (!IsForEver)
        {
            Left--;
        }
    }
}
