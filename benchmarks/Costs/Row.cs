using System;
using System.Collections.Generic;
using System.Linq;

namespace Costs;

/// <summary>What takes the events of a row.</summary>
internal enum Engine
{
    /// <summary>NLog's AsyncWrapper around its NullTarget with formatMessage: the floor.</summary>
    AsyncNull,

    /// <summary>The target of this repository.</summary>
    Loki,

    /// <summary>Microsoft.Extensions.Logging with a provider that formats the message and drops it: the floor of OTLP.</summary>
    ExtensionsNull,

    /// <summary>OpenTelemetry's OTLP exporter, http/protobuf, behind Microsoft.Extensions.Logging.</summary>
    Otlp,
}

/// <summary>One row of the table: what is configured, what is logged, and which row is its floor.</summary>
internal sealed record Row(string Name, Engine Engine, string? Floor = null)
{
    public const string PlainLayout = "${message}";

    /// <summary>Settings of the target, as in nlog.config.</summary>
    public IReadOnlyDictionary<string, string> Settings { get; init; } = new Dictionary<string, string>();

    /// <summary>The line: a layout's text, or an element when it begins with a bracket.</summary>
    public string Layout { get; init; } = PlainLayout;

    public int Threads { get; init; } = 1;

    public int Streams { get; init; } = 1;

    /// <summary>What tells the streams apart, when there are several: each has a logger of its own, and a value of the property <c>Shard</c>.</summary>
    public string StreamLabel { get; init; } = "${logger}";

    /// <summary>Log inside activities of ten events each.</summary>
    public bool Activity { get; init; }

    public bool Exception { get; init; }

    /// <summary>This row logs so many times fewer events than the others.</summary>
    public int Fewer { get; init; } = 1;

    public bool IsFloor => Engine is Engine.AsyncNull or Engine.ExtensionsNull;

    public Row With(params (string Name, string Value)[] settings) =>
        this with { Settings = Settings.Where(old => settings.All(pair => pair.Name != old.Key)).Select(pair => (pair.Key, pair.Value)).Concat(settings).ToDictionary(pair => pair.Item1, pair => pair.Item2) };

    public bool Matches(string pattern) => Name.Contains(pattern, StringComparison.OrdinalIgnoreCase);
}
