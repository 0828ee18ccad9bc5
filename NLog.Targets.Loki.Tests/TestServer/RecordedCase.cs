using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.Json;

namespace NLog.Targets.Loki.Tests.TestServer;

/// <summary>
/// A case of push-cases.json: requests, and what a Grafana Loki of main 65e30f8488 with the configuration of loki.yaml and
/// overrides.yaml beside it answered and stored.
/// </summary>
public sealed class RecordedCase
{
    private readonly JsonElement _case;

    private RecordedCase(JsonElement element) => _case = element;

    public static IReadOnlyList<RecordedCase> All { get; } = Load();

    public string Name => _case.GetProperty("name").GetString()!;

    /// <summary>Whether the case names its tenant; several cases can share one, and what they stored adds up.</summary>
    public bool NamesTenant => _case.TryGetProperty("tenant", out _);

    /// <summary>Null for a request without a tenant.</summary>
    public string? Tenant => NamesTenant ? _case.GetProperty("tenant").GetString() : null;

    public IReadOnlyList<JsonElement> Steps => [.. _case.GetProperty("steps").EnumerateArray()];

    public IReadOnlyList<(int Status, string Body)> Seen =>
        [.. _case.GetProperty("steps_seen").EnumerateArray().Select(step => (step.GetProperty("status").GetInt32(), step.GetProperty("body").GetString()!))];

    /// <summary>One text per stored entry: labels, line, metadata.</summary>
    public IReadOnlyList<string> Stored =>
        [.. _case.GetProperty("stored").EnumerateArray().Select(entry => Describe(
            Pairs(entry.GetProperty("labels")), entry.GetProperty("line").GetString()!, Pairs(entry.GetProperty("metadata"))))];

    public static string Describe(
        IEnumerable<KeyValuePair<string, string>> labels, string line, IEnumerable<KeyValuePair<string, string>> metadata)
    {
        var cut = string.Concat(line.EnumerateRunes().Take(80).Select(rune => rune.ToString()));
        return $"{Print(labels)} {JsonSerializer.Serialize(cut)} {Print(metadata)}";
    }

    public static IEnumerable<KeyValuePair<string, string>> Pairs(JsonElement element) =>
        element.EnumerateObject().Select(property => KeyValuePair.Create(property.Name, property.Value.GetString()!));

    /// <summary>The path of a file beside the cases, which the build copies next to the tests.</summary>
    public static string PathOf(string file) => Path.Combine(AppContext.BaseDirectory, "TestServer", file);

    public override string ToString() => Name;

    private static string Print(IEnumerable<KeyValuePair<string, string>> pairs) =>
        "{" + string.Join(", ", pairs.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => $"{pair.Key}={JsonSerializer.Serialize(pair.Value)}")) + "}";

    private static List<RecordedCase> Load()
    {
        using var file = File.OpenRead(PathOf("push-cases.json"));
        return [.. JsonDocument.Parse(file).RootElement.EnumerateArray().Select(element => new RecordedCase(element))];
    }
}
