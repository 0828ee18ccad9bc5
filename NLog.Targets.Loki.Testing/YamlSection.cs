using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace NLog.Targets.Loki.Testing;

/// <summary>A mapping of a Loki configuration file that knows its place in it, for the texts of faults.</summary>
internal sealed class YamlSection
{
    private readonly string _path;
    private readonly YamlMappingNode _node;

    private YamlSection(string path, YamlMappingNode node) => (_path, _node) = (path, node);

    public IEnumerable<(string Key, YamlNode Value)> Items => _node.Children.Select(child => (Text(child.Key), child.Value));

    /// <summary>The document's mapping; an empty document is an empty one.</summary>
    public static YamlSection Parse(string yaml)
    {
        var stream = new YamlStream();
        try
        {
            stream.Load(new StringReader(yaml));
        }
        catch (YamlException fault)
        {
            throw new FormatException($"The configuration is not YAML: {fault.Message}", fault);
        }

        return stream.Documents.Count == 0 ? new("", []) : Of("", stream.Documents[0].RootNode);
    }

    public YamlSection Section(string key) =>
        _node.Children.TryGetValue(new YamlScalarNode(key), out var value) ? Of(PathOf(key), value) : new(PathOf(key), []);

    /// <summary>The value made of a key's text, or the fallback if the key is missing.</summary>
    /// <exception cref="FormatException">The text cannot be read; the message names key and value.</exception>
    public T Value<T>(string key, Func<string, T> read, T fallback) =>
        _node.Children.TryGetValue(new YamlScalarNode(key), out var value) ? Read(key, value, node => read(Text(node)), fallback) : fallback;

    public IReadOnlyList<string> List(string key, IReadOnlyList<string> fallback) =>
        _node.Children.TryGetValue(new YamlScalarNode(key), out var value)
            ? Read(key, value, node => ((YamlSequenceNode)node).Children.Select(Text).ToArray(), fallback)
            : fallback;

    private static YamlSection Of(string path, YamlNode node) => node switch
    {
        YamlMappingNode mapping => new(path, mapping),
        YamlScalarNode { Value: null or "" or "~" or "null" } => new(path, []),
        _ => throw new FormatException($"{(path.Length == 0 ? "The configuration" : path)} is not a mapping: {node}"),
    };

    private static string Text(YamlNode node) => ((YamlScalarNode)node).Value ?? "";

    private string PathOf(string key) => _path.Length == 0 ? key : $"{_path}.{key}";

    private T Read<T>(string key, YamlNode node, Func<YamlNode, T> read, T fallback)
    {
        try
        {
            return node is YamlScalarNode { Style: ScalarStyle.Plain, Value: null or "" or "~" or "null" } ? fallback : read(node);
        }
        catch (Exception fault) when (fault is FormatException or OverflowException or InvalidCastException)
        {
            throw new FormatException($"{PathOf(key)}: cannot read '{node}'", fault);
        }
    }
}
