using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using NLog.Layouts;

namespace NLog.Targets.Loki.Integration;

/// <summary>
/// Finds the layout of a target's line inside the one that NLog wraps around it (TargetWithContext.Layout), where a base type may have put
/// another one.
/// </summary>
internal static class WrappedLayout
{
    /// <summary>The layout inside, or <paramref name="layout"/> itself where there is none or NLog does not show it.</summary>
    [UnconditionalSuppressMessage("Trimming", "IL2075", Justification = "The member is kept by the attribute.")]
    [DynamicDependency("TargetLayout", "NLog.Targets.TargetWithContext+TargetWithContextLayout", "NLog")]
    public static Layout Of(Layout layout) =>
        layout.GetType().GetProperty("TargetLayout", BindingFlags.Instance | BindingFlags.Public)?.GetValue(layout) as Layout ?? layout;
}
