namespace QuickStart;

/// <summary>What is shown of a stream; its lines are counted and not kept, as a file may have any number of them.</summary>
internal sealed class StoredStream(string labels)
{
    public string Labels => labels;

    public long Entries { get; private set; }

    public string FirstLine { get; private set; } = "";

    public string Metadata { get; private set; } = "";

    public void Add(StoredEntry entry)
    {
        if (Entries++ == 0)
            FirstLine = entry.Line;
        if (Metadata.Length == 0)
            Metadata = entry.Metadata;
    }
}
