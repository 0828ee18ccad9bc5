using System;
using System.Collections.ObjectModel;
using NLog.Layouts;

namespace NLog.Targets.Loki.Rendering;

/// <summary>
/// Owns items with layouts and that these are guarded from the beginning. A wrapper around the target may be initialised before it, and
/// calls on the logging thread the layouts that it finds then.
/// </summary>
internal sealed class GuardedItems<T>(Func<T, Layout?> get, Action<T, Layout> set) : Collection<T>
{
    protected override void InsertItem(int index, T item)
    {
        Guard(item);
        base.InsertItem(index, item);
    }

    protected override void SetItem(int index, T item)
    {
        Guard(item);
        base.SetItem(index, item);
    }

    private void Guard(T item)
    {
        if (item is not null && get(item) is { } layout)
            set(item, GuardedLayout.Early(layout));
    }
}
