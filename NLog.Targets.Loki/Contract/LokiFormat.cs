namespace NLog.Targets.Loki;

/// <summary>How entries are written in a push.</summary>
public enum LokiFormat
{
    /// <summary>JSON, compressed by gzip.</summary>
    Json,

    /// <summary>Protobuf, compressed by snappy, as Loki's own clients push.</summary>
    Protobuf,
}
