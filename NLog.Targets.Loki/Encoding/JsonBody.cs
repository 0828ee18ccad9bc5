namespace NLog.Targets.Loki.Encoding;

/// <summary>Owns the fixed pieces of a push body with one stream (Loki's push API, v1 JSON).</summary>
internal static class JsonBody
{
    public const string ContentType = "application/json";

    public static readonly byte[] Suffix = { (byte)']', (byte)'}', (byte)']', (byte)'}' };

    public static readonly byte[] Comma = { (byte)',' };

    /// <summary>Everything before the first entry; <paramref name="labelsJson"/> is the object of the labels.</summary>
    public static byte[] Prefix(string labelsJson) =>
        System.Text.Encoding.UTF8.GetBytes("{\"streams\":[{\"stream\":" + labelsJson + ",\"values\":[");
}
