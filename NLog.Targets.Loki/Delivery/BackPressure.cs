using System.Threading.Tasks;

namespace NLog.Targets.Loki.Delivery;

/// <summary>Lets hand-overs wait while the buffer is full. Guarded by the dispatcher's lock.</summary>
internal sealed class BackPressure
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
