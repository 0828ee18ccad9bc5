using System;

namespace Costs;

/// <summary>The count of log records in an OTLP body: field 1 of the request, 2 of a resource's logs, 2 of a scope's logs.</summary>
internal static class OtlpRecords
{
    public static int Count(ReadOnlySpan<byte> body) => Count(body, [1, 2, 2]);

    private static int Count(ReadOnlySpan<byte> message, ReadOnlySpan<int> path)
    {
        var count = 0;
        while (!message.IsEmpty)
        {
            var tag = Varint(ref message);
            switch (tag & 7)
            {
                case 0:
                    Varint(ref message);
                    break;
                case 1:
                    message = message[8..];
                    break;
                case 2:
                    var length = (int)Varint(ref message);
                    if ((int)(tag >> 3) == path[0])
                        count += path.Length == 1 ? 1 : Count(message[..length], path[1..]);
                    message = message[length..];
                    break;
                case 5:
                    message = message[4..];
                    break;
                default:
                    throw new FormatException("not a protobuf message");
            }
        }

        return count;
    }

    private static ulong Varint(ref ReadOnlySpan<byte> bytes)
    {
        ulong value = 0;
        for (var shift = 0; ; shift += 7)
        {
            var next = bytes[0];
            bytes = bytes[1..];
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
                return value;
        }
    }
}
