using System;
using System.Text;
using NLog.Config;
using NLog.Layouts;

namespace NLog.Targets.Loki.Rendering;

/// <summary>
/// Owns that a layout never throws at the application. NLog's SimpleLayout guards its own renderers; JsonLayout and others pass
/// on what ToString of a property throws, on the logging thread, and the event would be gone before it is counted.
/// </summary>
[ThreadAgnostic]
internal sealed class GuardedLayout : Layout
{
    private readonly bool _messageInstead;

    private GuardedLayout(Layout inner, bool messageInstead)
    {
        Inner = inner;
        _messageInstead = messageInstead;
        // NLog has initialised the layouts of the target before this one takes the place of one of them, and without the scan nobody
        // would capture what the inner layout needs, such as the call site.
        InitializeLayout();
    }

    /// <summary>The guarded layout; public, so that NLog finds out which thread it must be rendered on.</summary>
    public Layout Inner { get; }

    /// <param name="layout">The layout to guard.</param>
    /// <param name="messageInstead">Whether the message stands for a rendering that failed, or only the type of the exception.</param>
    public static Layout Over(Layout layout, bool messageInstead = false) =>
        layout is SimpleLayout or LevelLayout or GuardedLayout ? layout : new GuardedLayout(layout, messageInstead);

    public override void Precalculate(LogEventInfo logEvent)
    {
        try
        {
            Inner.Precalculate(logEvent);
        }
        catch (Exception)
        {
            // Rendering fails again at hand-over, where something can be put in its place.
        }
    }

    protected override string GetFormattedMessage(LogEventInfo logEvent)
    {
        var text = new StringBuilder();
        RenderFormattedMessage(logEvent, text);
        return text.ToString();
    }

    protected override void RenderFormattedMessage(LogEventInfo logEvent, StringBuilder target)
    {
        var start = target.Length;
        try
        {
            Inner.Render(logEvent, target);
        }
        catch (Exception error)
        {
            target.Length = start;
            if (_messageInstead)
                target.Append(logEvent.FormattedMessage).Append(' ');
            target.Append(PropertyText.InPlaceOf(error));
        }
    }
}
