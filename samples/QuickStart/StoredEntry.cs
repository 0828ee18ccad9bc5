namespace QuickStart;

/// <summary>One entry as Loki gives it back.</summary>
internal readonly record struct StoredEntry(string Labels, long Nanoseconds, string Line, string Metadata);
