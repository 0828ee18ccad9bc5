using System;
using System.Reflection;
using System.Text;
using NLog.Config;
using NLog.Layouts;

namespace NLog.Targets.Loki.Rendering;

/// <summary>
/// Keeps a layout from throwing at the application. NLog's SimpleLayout catches what its renderers throw. JsonLayout and others do not: when
/// ToString of a property throws on the logging thread, the event is lost before it is queued.
/// </summary>
[ThreadAgnostic]
internal sealed class GuardedLayout : Layout
{
    // Such a layout can be rendered at hand-over when the event cannot change until then. NLog decides that for all layouts of a target
    // together, and ours has one (Capture) that must be called for each event; so it is decided here. Without the members the layout is
    // rendered on the logging thread.
    private static readonly PropertyInfo? s_isAgnostic = Member("ThreadAgnostic");
    private static readonly PropertyInfo? s_isImmutable = Member("ThreadAgnosticImmutable");

    private readonly bool _messageInstead;
    private GuardedLayout(Layout inner, bool messageInstead)
    {
        Inner = inner;
        _messageInstead = messageInstead;
    }

    /// <summary>The guarded layout; public, so that NLog finds out which thread it must be rendered on.</summary>
    public Layout Inner { get; }

    /// <param name="layout">The layout to guard.</param>
    /// <param name="messageInstead">Whether the message stands for a rendering that failed, or only the type of the exception.</param>
    public static Layout Over(Layout layout, bool messageInstead = false)
    {
        if (layout is LevelLayout or GuardedLayout || (layout is SimpleLayout && !IsWaiting(layout)))
            return layout;
        var guarded = new GuardedLayout(layout, messageInstead);
        // NLog has initialised the layouts of the target before this one takes the place of one of them. Without this it would not know
        // what the inner layout needs, such as the call site.
        guarded.InitializeLayout();
        return guarded;
    }

    /// <summary>The same before NLog has initialised the layout, which it then does from outside.</summary>
    public static Layout Early(Layout layout) => layout is SimpleLayout or LevelLayout or GuardedLayout ? layout : new GuardedLayout(layout, false);

    /// <summary>The layout without a guard.</summary>
    public static Layout Bare(Layout layout) => layout is GuardedLayout guarded ? guarded.Inner : layout;

    public override string ToString() => Inner.ToString() ?? "";

    /// <summary>Whether it is rendered on the logging thread only when the event can still change.</summary>
    public bool WaitsUnlessVolatile { get; private set; }

    public override void Precalculate(LogEventInfo logEvent) => Precalculate(logEvent, WaitsUnlessVolatile && VolatileProperties.Any(logEvent));

    /// <summary>The same where somebody has asked already whether a property can still change.</summary>
    public void Precalculate(LogEventInfo logEvent, bool isVolatile)
    {
        if (WaitsUnlessVolatile && !isVolatile && logEvent.Exception is null)
            return;
        try
        {
            Inner.Precalculate(logEvent);
        }
        catch (Exception)
        {
            // Rendering fails again at hand-over, where something can be put in its place.
        }
    }

    protected override void InitializeLayout()
    {
        base.InitializeLayout();
        WaitsUnlessVolatile = IsWaiting(Inner);
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
            // NLog formats the message to find its properties, and caches it. Asked for the message first, it would format it twice.
            if (WaitsUnlessVolatile)
                _ = VolatileProperties.Exist(logEvent);
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

    private static bool IsWaiting(Layout layout) =>
        s_isAgnostic?.GetValue(layout) is true && s_isImmutable?.GetValue(layout) is true;

    private static PropertyInfo? Member(string name) => typeof(Layout).GetProperty(name, BindingFlags.Instance | BindingFlags.NonPublic);
}
