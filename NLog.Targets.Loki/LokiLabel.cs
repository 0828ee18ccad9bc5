using NLog.Config;
using NLog.Layouts;
using NLog.Targets.Loki.Rendering;

namespace NLog.Targets.Loki;

/// <summary>One stream label: <c>&lt;label name="app" layout="shop" /&gt;</c>.</summary>
[NLogConfigurationItem]
public sealed class LokiLabel
{
    private Layout? _layout;

    /// <summary>Creates a label without name and layout, as NLog's configuration does.</summary>
    public LokiLabel()
    {
    }

    /// <summary>Creates a label.</summary>
    public LokiLabel(string name, Layout layout)
    {
        Name = name;
        Layout = layout;
    }

    /// <summary>
    /// The label's name. Characters outside <c>[a-zA-Z0-9_]</c> become underscores, because Loki refuses the whole request
    /// otherwise. Required; a label without a name is a configuration error.
    /// </summary>
    public string Name { get; set; } = "";

    /// <summary>
    /// The value, rendered for each event. An empty value leaves the label out. Required; an empty layout is allowed only for
    /// the name of a default label, which it removes. Use few values: every combination is a stream of its own.
    /// </summary>
    public Layout? Layout
    {
        get => _layout;
        // At once, not when the target is initialised: a wrapper around it may be so before it, and calls what it finds then.
        set => _layout = value is null ? null : GuardedLayout.Early(value);
    }

    /// <summary>The same as <see cref="Layout"/>, as in <c>{ "name": "app", "value": "shop" }</c>.</summary>
    public Layout? Value { get => Layout; set => Layout = value; }
}
