using System;

namespace NLog.Targets.Loki.Configuration;

/// <summary>Owns the word that a credential or header cannot be sent: it names the setting and never the value.</summary>
internal sealed class HeaderValueException : Exception
{
    public const string Problem = "holds a control character or a letter outside ASCII; write visible ASCII only";

    public HeaderValueException(string setting)
        : base(setting + " " + Problem)
    {
    }
}
