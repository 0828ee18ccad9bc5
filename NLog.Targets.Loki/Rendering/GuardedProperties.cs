using System.Collections.ObjectModel;

namespace NLog.Targets.Loki.Rendering;

/// <summary>
/// Context properties whose layouts are guarded from the beginning. A wrapper around the target that NLog initialises before
/// it calls on the logging thread the layouts that it finds then.
/// </summary>
internal sealed class GuardedProperties : Collection<TargetPropertyWithContext>
{
    protected override void InsertItem(int index, TargetPropertyWithContext item)
    {
        Guard(item);
        base.InsertItem(index, item);
    }

    protected override void SetItem(int index, TargetPropertyWithContext item)
    {
        Guard(item);
        base.SetItem(index, item);
    }

    private static void Guard(TargetPropertyWithContext? item)
    {
        if (item?.Layout is { } layout)
            item.Layout = GuardedLayout.Early(layout);
    }
}
