using System;

namespace NLog.Targets.Loki.Testing;

/// <summary>Refuses a push as a whole.</summary>
internal sealed class PushRefusal(int status, string text) : Exception(text)
{
    public int Status => status;
}
