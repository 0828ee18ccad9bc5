namespace NLog.Targets.Loki.Testing;

/// <summary>An entry that passed the distributor.</summary>
/// <param name="Entry">The entry as it would be stored.</param>
/// <param name="Size">Bytes of line and metadata as rates count them, without <c>detected_level</c>.</param>
internal readonly record struct AcceptedEntry(StoredEntry Entry, int Size);
