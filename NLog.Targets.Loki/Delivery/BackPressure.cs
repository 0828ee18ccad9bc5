using System.Threading.Tasks;

namespace NLog.Targets.Loki.Delivery;

/// <summary>Lets hand-overs wait while the buffer is full. Guarded by the dispatcher's lock.</summary>
internal sealed class BackPressure
{
    private TaskCompletionSource<bool>? _waiting;

    public Task Wait() => (_waiting ??= new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously)).Task;

    /// <summary>The buffer has space again, or is gone.</summary>
    public void Free()
    {
        _waiting?.TrySetResult(true);
        _waiting = null;
    }
}
