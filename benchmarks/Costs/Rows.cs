using System.Collections.Generic;

namespace Costs;

/// <summary>The list of what is measured.</summary>
internal static class Rows
{
    public const string Floor = "floor: plain";
    public const string Plain = "plain, JSON, gzip";
    public const string PlainProtobuf = "plain, protobuf, snappy";
    public const string Metadata = "metadata, JSON, gzip";
    public const string JsonFloor = "floor: JsonLayout";
    public const string Json = "JsonLayout, JSON, gzip";
    public const string Activity = "plain, JSON, gzip, activity";
    public const string ActivityFloor = "floor: plain, activity";

    private const string ExceptionLayout = "${message}${onexception:inner=${newline}${exception:format=toString}}";

    private const string JsonLayout =
        """
        <layout xsi:type="JsonLayout" includeEventProperties="true">
          <attribute name="time" layout="${longdate}" />
          <attribute name="level" layout="${level}" />
          <attribute name="logger" layout="${logger}" />
          <attribute name="message" layout="${message}" />
        </layout>
        """;

    public static readonly IReadOnlyList<Row> All = Create();

    private static List<Row> Create()
    {
        var floor = new Row(Floor, Engine.AsyncNull);
        var plain = new Row(Plain, Engine.Loki, Floor);
        return
        [
            floor,
            plain,
            (plain with { Name = "plain, JSON, no compression" }).With(("compressionLevel", "NoCompression")),
            AsProtobuf(plain, PlainProtobuf),
            (plain with { Name = Metadata }).With(("includeEventProperties", "true")),
            (plain with { Name = "metadata, JSON, no compression" }).With(("includeEventProperties", "true"), ("compressionLevel", "NoCompression")),
            AsProtobuf(plain, "metadata, protobuf, snappy").With(("includeEventProperties", "true")),
            floor with { Name = JsonFloor, Layout = JsonLayout },
            plain with { Name = Json, Floor = JsonFloor, Layout = JsonLayout },
            AsProtobuf(plain, "JsonLayout, protobuf, snappy") with { Floor = JsonFloor, Layout = JsonLayout },
            floor with { Name = "floor: exceptions", Layout = ExceptionLayout, Exception = true, Fewer = 20 },
            (plain with { Name = "exceptions, JSON, gzip", Floor = "floor: exceptions", Layout = ExceptionLayout, Exception = true, Fewer = 20 }).With(("defaultMetadata", "true")),
            floor with { Name = "floor: plain, 8 threads", Threads = 8 },
            plain with { Name = "plain, JSON, gzip, 8 threads", Floor = "floor: plain, 8 threads", Threads = 8 },
            floor with { Name = ActivityFloor, Activity = true },
            plain with { Name = Activity, Floor = ActivityFloor, Activity = true },
            plain with { Name = "plain, JSON, gzip, 10 streams", Streams = 10 },
            plain with { Name = "plain, JSON, gzip, 1000 streams", Streams = 1000 },
            plain with { Name = "plain, JSON, gzip, 10 streams by a property", Streams = 10, StreamLabel = "${event-properties:item=Shard}" },
            new Row("floor: Microsoft.Extensions.Logging", Engine.ExtensionsNull),
            new Row("OTLP exporter, protobuf, no compression", Engine.Otlp, "floor: Microsoft.Extensions.Logging"),
        ];
    }

    private static Row AsProtobuf(Row row, string name) => (row with { Name = name }).With(("format", "Protobuf"));
}
