using System.Linq;
using NLog.Config;
using NLog.Targets.Wrappers;

namespace NLog.Targets.Loki.Integration;

/// <summary>Finds out whether another target wraps ours: NLog then waits for both.</summary>
internal static class Wrapping
{
    public static bool IsAround(Target target, LoggingConfiguration? configuration) =>
        configuration is not null && configuration.AllTargets.Any(other => other is WrapperTargetBase wrapper
            ? wrapper.WrappedTarget == target
            : other is CompoundTargetBase compound && compound.Targets.Contains(target));
}
