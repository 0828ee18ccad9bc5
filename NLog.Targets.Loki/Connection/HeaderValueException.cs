using System;

namespace NLog.Targets.Loki.Connection;

/// <summary>Thrown when a credential or header cannot be sent. It names the setting and never the value.</summary>
internal sealed class HeaderValueException : Exception
{
    public const string Problem = "holds a control character or a letter outside ASCII; write visible ASCII only";

    public HeaderValueException(string setting)
        : base(setting + " " + Problem)
    {
    }
}
