using System.Threading.Tasks;

namespace NLog.Targets.Loki.Sending;

/// <summary>Owns the wait of hand-overs for room in a full buffer. Guarded by the sender's lock.</summary>
internal sealed class Room
{
    private TaskCompletionSource<bool>? _waiting;

    public Task Wait() => (_waiting ??= new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously)).Task;

    /// <summary>There is some again.</summary>
    public void Free()
    {
        _waiting?.TrySetResult(true);
        _waiting = null;
    }
}
