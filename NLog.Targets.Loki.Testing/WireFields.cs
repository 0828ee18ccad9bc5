using Google.Protobuf;

namespace NLog.Targets.Loki.Testing;

/// <summary>The fields of one protobuf message, with Google's reader and the refusals of gogo/protobuf's generated code.</summary>
internal sealed class WireFields(string message, ByteString bytes)
{
    private const int Varints = 0;
    private const int EightBytes = 1;
    private const int LengthDelimited = 2;
    private const int GroupStart = 3;
    private const int GroupEnd = 4;
    private const int FourBytes = 5;

    private readonly CodedInputStream _input = bytes.CreateCodedInput();
    private int _type;

    public long Number { get; private set; }

    public bool Next()
    {
        if (_input.IsAtEnd)
        {
            return false;
        }

        // Read as a plain number: Google's ReadTag would refuse some of them with a text of its own.
        var tag = Number64();
        (Number, _type) = ((int)(tag >> 3), (int)(tag & 7));
        return _type == GroupEnd ? throw Fault($"proto: {message}: wiretype end group for non-group")
            : Number <= 0 ? throw Fault($"proto: {message}: illegal tag {Number} (wire type {tag})")
            : true;
    }

    public ByteString Bytes(string field)
    {
        Expect(LengthDelimited, field);
        return Slice();
    }

    public long Varint(string field)
    {
        Expect(Varints, field);
        return unchecked((long)Number64());
    }

    public void Skip() => Skip(_type);

    private static PushRefusal Fault(string text) => new(400, text);

    private static PushRefusal Ended() => Fault("unexpected EOF");

    private void Skip(int type)
    {
        switch (type)
        {
            case Varints:
                Number64();
                break;
            case EightBytes:
                Advance(8);
                break;
            case LengthDelimited:
                Slice();
                break;
            case GroupStart:
                for (var depth = 1; depth > 0;)
                {
                    var inner = _input.IsAtEnd ? throw Ended() : (int)(Number64() & 7);
                    depth += inner == GroupStart ? 1 : inner == GroupEnd ? -1 : 0;
                    if (inner is not (GroupStart or GroupEnd))
                    {
                        Skip(inner);
                    }
                }

                break;
            case FourBytes:
                Advance(4);
                break;
            default:
                throw Fault($"proto: illegal wireType {type}");
        }
    }

    private void Expect(int type, string field)
    {
        if (_type != type)
        {
            throw Fault($"proto: wrong wireType = {_type} for field {field}");
        }
    }

    private ulong Number64() => Number64(_input);

    private static ulong Number64(CodedInputStream input)
    {
        try
        {
            return input.ReadUInt64();
        }
        catch (InvalidProtocolBufferException)
        {
            throw input.IsAtEnd ? Ended() : Fault("proto: integer overflow");
        }
    }

    private ByteString Slice()
    {
        var start = (int)_input.Position;
        try
        {
            return _input.ReadBytes();
        }
        catch (InvalidProtocolBufferException)
        {
            // Google's reader has one exception for all; the length tells what was wrong.
            var length = unchecked((long)Number64(ByteString.CopyFrom(bytes.Span[start..]).CreateCodedInput()));
            throw length < 0 ? Fault("proto: negative length found during unmarshaling") : Ended();
        }
    }

    private void Advance(int count)
    {
        if (count > bytes.Length - _input.Position)
        {
            throw Ended();
        }

        _ = count == 8 ? _input.ReadFixed64() : _input.ReadFixed32();
    }
}
