using System;
using System.Collections.Generic;
using System.Linq;
using System.Reflection;
using NLog.LayoutRenderers;
using NLog.LayoutRenderers.Wrappers;
using NLog.Layouts;

namespace NLog.Targets.Loki.Integration;

/// <summary>
/// A setting that is a string to NLog and a layout to us. As a Layout property its literal would be printed into the
/// internal log at Trace, secrets included (NLog's ObjectGraphScanner). A text without <c>${</c> therefore never becomes one.
/// </summary>
internal sealed class SettingText
{
    // What is the same for every event of a process. Everything else may depend on the event.
    private static readonly HashSet<string> s_processWide = new(StringComparer.OrdinalIgnoreCase)
    {
        "literal", "environment", "configsetting", "gdc", "machinename", "hostname", "appdomain", "processid",
        "processname", "assembly-version", "basedir", "currentdir", "file-contents", "local-ip", "newline", "nlogdir",
        "appsetting", "registry", "tempdir", "dir-separator",
    };

    private readonly string _literal;
    private readonly Layout? _layout;

    private SettingText(string literal, Layout? layout)
    {
        _literal = literal;
        _layout = layout;
    }

    /// <summary>Whether it holds a layout within a layout, which NLog prints with what the inner one gave.</summary>
    public bool IsNested => _layout is SimpleLayout simple && simple.LayoutRenderers.Any(renderer => renderer is WrapperLayoutRendererBase);

    // Texts that differ from one event to the next have no place where a setting is read once.
    private bool DependsOnEvent => _layout is not null && (_layout is not SimpleLayout simple || DependsOn(simple));

    /// <summary>Null for no text, and for one that cannot be used: <paramref name="problem"/> says why, and never repeats the value.</summary>
    public static SettingText? Parse(string? text, out string? problem)
    {
        problem = null;
        if (string.IsNullOrEmpty(text))
            return null;
        if (text!.IndexOf("${", StringComparison.Ordinal) < 0)
            return new SettingText(text, null);
        try
        {
            var setting = new SettingText("", Layout.FromString(text, throwConfigExceptions: true));
            if (!setting.DependsOnEvent)
                return setting;
            problem = "depends on the event; write a value that is the same for the whole process, such as ${environment:NAME}";
        }
        catch (Exception)
        {
            problem = "is not a layout that NLog can parse; check the names after ${";
        }

        return null;
    }

    /// <summary>The text, without white space at both ends.</summary>
    public string Render()
    {
        var text = _layout switch
        {
            null => _literal,
            SimpleLayout simple => string.Concat(simple.LayoutRenderers.Select(Render)),
            _ => _layout.Render(LogEventInfo.CreateNullEvent()),
        };
        return text.Trim();
    }

    // NLog makes a layout of the value of a variable and prints that at Trace.
    private static string Render(LayoutRenderer renderer)
    {
        if (renderer is not EnvironmentLayoutRenderer variable)
            return renderer.Render(LogEventInfo.CreateNullEvent());
        var value = Environment.GetEnvironmentVariable(variable.Variable);
        return string.IsNullOrEmpty(value) ? variable.Default : value!;
    }

    private static bool DependsOn(SimpleLayout layout) => layout.LayoutRenderers.Any(DependsOn);

    private static bool DependsOn(LayoutRenderer renderer)
    {
        if (renderer is WrapperLayoutRendererBase wrapper)
            return wrapper.Inner is not SimpleLayout inner || DependsOn(inner);
        if (renderer is LiteralLayoutRenderer)
            return false;
        return !renderer.GetType().GetCustomAttributes<LayoutRendererAttribute>().Any(alias => s_processWide.Contains(alias.Name));
    }
}
