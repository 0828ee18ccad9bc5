namespace NLog.Targets.Loki.Rendering;

/// <summary>What is known of one hole of a message template: its name, and as what it is sent, null for not at all.</summary>
internal readonly struct TemplateName
{
    public TemplateName(string name, string? sentAs) => (Name, SentAs) = (name, sentAs);

    public string Name { get; }

    public string? SentAs { get; }
}
