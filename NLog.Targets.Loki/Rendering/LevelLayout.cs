using System.Text;
using NLog.Config;
using NLog.Layouts;

namespace NLog.Targets.Loki.Rendering;

/// <summary>
/// The names of levels in Loki's spelling, lower case, so that the server takes them as <c>detected_level</c> without
/// reading the line (pkg/distributor/field_detection.go).
/// </summary>
[ThreadAgnostic]
internal sealed class LevelLayout : Layout
{
    private static readonly string[] s_names = { "trace", "debug", "info", "warn", "error", "fatal" };

    public static string NameOf(LogLevel level) =>
        level.Ordinal < s_names.Length ? s_names[level.Ordinal] : "unknown";

    protected override string GetFormattedMessage(LogEventInfo logEvent) => NameOf(logEvent.Level);

    protected override void RenderFormattedMessage(LogEventInfo logEvent, StringBuilder target) => target.Append(NameOf(logEvent.Level));
}
