using System.IO;

namespace NLog.Targets.Loki.Tests.TestServer;

/// <summary>Writes a protobuf message byte by byte, so that the server's reader is not tested with its own library.</summary>
internal sealed class WireMessage
{
    private readonly MemoryStream _bytes = new();

    public WireMessage Number(int field, long value)
    {
        Varint((ulong)field << 3);
        return Varint(unchecked((ulong)value));
    }

    public WireMessage Text(int field, string text) => Bytes(field, System.Text.Encoding.UTF8.GetBytes(text));

    public WireMessage Message(int field, WireMessage message) => Bytes(field, message.ToArray());

    public WireMessage Bytes(int field, byte[] bytes)
    {
        Varint(((ulong)field << 3) | 2);
        Varint((ulong)bytes.Length);
        return Raw(bytes);
    }

    public WireMessage Raw(params byte[] bytes)
    {
        _bytes.Write(bytes);
        return this;
    }

    public WireMessage Varint(ulong value)
    {
        for (; value > 0x7f; value >>= 7)
        {
            _bytes.WriteByte((byte)(value | 0x80));
        }

        _bytes.WriteByte((byte)value);
        return this;
    }

    public byte[] ToArray() => _bytes.ToArray();
}
