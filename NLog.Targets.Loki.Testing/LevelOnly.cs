using System.Collections.Concurrent;

namespace NLog.Targets.Loki.Testing;

/// <summary>The metadata of entries sent without any: shared, for most entries of a large test are such.</summary>
internal static class LevelOnly
{
    private const int Ceiling = 100;

    private static readonly ConcurrentDictionary<string, GoLabels> Known = new();

    public static GoLabels Of(string level)
    {
        if (Known.TryGetValue(level, out var metadata))
        {
            return metadata;
        }

        metadata = GoLabels.Of([new(DetectedLevel.Name, level)]);

        // Levels of a label are free text, so the cache must not grow with them.
        if (Known.Count < Ceiling)
        {
            Known[level] = metadata;
        }

        return metadata;
    }
}
