using NLog.Layouts;

namespace NLog.Targets.Loki.Rendering;

/// <summary>
/// The place of the capture until the target is initialised. A wrapper around the target that NLog initialises before it finds this
/// one, and calls it on the logging thread from then on.
/// </summary>
internal sealed class EarlyCapture : Layout
{
    /// <summary>What is called in its place; nothing before the target is initialised, or when it is switched off.</summary>
    public EventCapture? Capture { private get; set; }

    public override void Precalculate(LogEventInfo logEvent) => Capture?.Precalculate(logEvent);

    protected override string GetFormattedMessage(LogEventInfo logEvent) => "";
}
