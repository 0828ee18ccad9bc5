using System;

namespace NLog.Targets.Loki.Tests.Support;

/// <summary>The targets and rules of a configuration with a Loki target inside other targets, as XML.</summary>
internal static class Configurations
{
    /// <summary>A Loki target with this name, these attributes, and a label that tells it from others.</summary>
    public static string Loki(Uri endpoint, string attributes = "", string name = "loki") =>
        $"""<target type="Loki" name="{name}" endpoint="{endpoint}" {attributes}><label name="target" layout="{name}" /></target>""";

    /// <summary>A wrapper or group with these attributes around other targets.</summary>
    public static string Around(string type, string attributes, string targets) => $"""<target type="{type}" name="{type}-{Guid.NewGuid():N}" {attributes}>{targets}</target>""";

    /// <summary>A configuration in which each logger writes to this target, and none to the other one, which is closed before it.</summary>
    public static string WritingTo(string target, string other = "")
    {
        var unused = other.Length == 0 ? "" : $"""<logger name="of nobody" writeTo="{NameOf(other)}" />""";
        return $"""<targets>{other}{target}</targets><rules>{unused}<logger name="*" writeTo="{NameOf(target)}" /></rules>""";
    }

    private static string NameOf(string target) => target.Split("name=\"")[1].Split('"')[0];
}
