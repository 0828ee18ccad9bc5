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
    private readonly Action<string>? _skipped;
    private readonly HashSet<string> _asked = new(StringComparer.Ordinal);

    private YamlSection(string path, YamlMappingNode node, Action<string>? skipped) => (_path, _node, _skipped) = (path, node, skipped);

    public IEnumerable<string> Keys => _node.Children.Keys.Select(key => key is YamlScalarNode { Value: { } text } ? text : key.ToString());

    /// <summary>
    /// The document's mapping; an empty document is an empty one. <paramref name="skipped"/> is told of what cannot be read, which then counts as
    /// missing; null throws.
    /// </summary>
    public static YamlSection Parse(string yaml, Action<string>? skipped = null)
    {
        var empty = new YamlSection("", [], skipped);
        var stream = new YamlStream();
        try
        {
            stream.Load(new StringReader(yaml));
        }
        catch (YamlException fault)
        {
            empty.Skip($"The configuration is not YAML: {fault.Message}", fault);
            return empty;
        }

        return stream.Documents.Count == 0 ? empty : empty.Of("", stream.Documents[0].RootNode);
    }

    public YamlSection Section(string key) => Find(key) is { } value ? Of(PathOf(key), value) : new(PathOf(key), [], _skipped);

    /// <summary>The value made of a key's text, or the fallback if the key is missing.</summary>
    /// <exception cref="FormatException">The text cannot be read, and nobody is told of such; the message names key and value.</exception>
    public T Value<T>(string key, Func<string, T> read, T fallback) =>
        Find(key) is { } value ? Read(key, value, node => read(Text(node)), fallback) : fallback;

    public IReadOnlyList<string> List(string key, IReadOnlyList<string> fallback) =>
        Find(key) is { } value ? Read(key, value, node => ((YamlSequenceNode)node).Children.Select(Text).ToArray(), fallback) : fallback;

    /// <summary>Names the keys that nobody has asked for.</summary>
    public void SkipTheRest()
    {
        foreach (var key in Keys.Where(key => !_asked.Contains(key)))
        {
            _skipped?.Invoke($"{PathOf(key)}: has no counterpart");
        }
    }

    private static string Text(YamlNode node) => ((YamlScalarNode)node).Value ?? "";

    // Loki prints a value that is not set as null or, if its type shows nothing of itself, as an empty mapping.
    private static bool IsUnset(YamlNode node) =>
        node is YamlScalarNode { Style: ScalarStyle.Plain, Value: null or "" or "~" or "null" } or YamlMappingNode { Children.Count: 0 };

    private YamlNode? Find(string key)
    {
        _asked.Add(key);
        return _node.Children.TryGetValue(new YamlScalarNode(key), out var value) ? value : null;
    }

    private YamlSection Of(string path, YamlNode node)
    {
        if (node is YamlMappingNode mapping)
            return new(path, mapping, _skipped);
        if (!IsUnset(node))
            Skip($"{(path.Length == 0 ? "The configuration" : path)} is not a mapping: {node}", null);
        return new(path, [], _skipped);
    }

    private void Skip(string message, Exception? fault)
    {
        if (_skipped is null)
            throw new FormatException(message, fault);
        _skipped(message);
    }

    private string PathOf(string key) => _path.Length == 0 ? key : $"{_path}.{key}";

    private T Read<T>(string key, YamlNode node, Func<YamlNode, T> read, T fallback)
    {
        try
        {
            return IsUnset(node) ? fallback : read(node);
        }
        catch (Exception fault) when (fault is FormatException or OverflowException or InvalidCastException)
        {
            Skip($"{PathOf(key)}: cannot read '{node}'", fault);
            return fallback;
        }
    }
}
