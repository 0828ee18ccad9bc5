using System;
using System.Globalization;
using System.Text;
using NLog.Config;
using NLog.Layouts;

namespace NLog.Targets.Loki.Integration;

/// <summary>A live view of one counter as an NLog variable; its text is the value, also in ToString.</summary>
[ThreadAgnostic]
internal sealed class CounterLayout : Layout
{
    private readonly Func<long> _value;

    public CounterLayout(Func<long> value) => _value = value;

    public override string ToString() => _value().ToString(CultureInfo.InvariantCulture);

    protected override string GetFormattedMessage(LogEventInfo logEvent) => ToString();

    protected override void RenderFormattedMessage(LogEventInfo logEvent, StringBuilder target) => target.Append(ToString());
}
