using System;
using System.Threading;

namespace NLog.Targets.Loki.Delivery;

/// <summary>
/// Says for how long structured metadata is left out after Loki said that the tenant does not take any; then it is tried
/// again. Written under the sender's lock, read without it. No clock of its own.
/// </summary>
internal sealed class MetadataPause
{
    private static readonly TimeSpan s_length = TimeSpan.FromHours(1);

    private long _until;

    /// <summary>Whether it ever began; spares the reader a look at the clock.</summary>
    public bool WasStarted => Volatile.Read(ref _until) != 0;

    public void Start(TimeSpan now) => Volatile.Write(ref _until, (now + s_length).Ticks);

    public bool IsOn(TimeSpan now) => now.Ticks < Volatile.Read(ref _until);
}
