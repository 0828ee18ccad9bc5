using System;
using System.Globalization;
using System.IO;
using System.Threading.Tasks;

namespace Costs;

/// <summary>The requests of one connection, HTTP/1.1 with a length or in chunks; the body lies in a buffer that is used again.</summary>
internal sealed class HttpRequestReader(Stream stream)
{
    public static readonly byte[] NoContent = "HTTP/1.1 204 No Content\r\n\r\n"u8.ToArray();

    public static readonly byte[] Ok = "HTTP/1.1 200 OK\r\nContent-Type: application/x-protobuf\r\nContent-Length: 0\r\n\r\n"u8.ToArray();

    private readonly byte[] _buffer = new byte[64 * 1024];
    private byte[] _body = new byte[1024 * 1024];
    private int _start;
    private int _end;
    private int _length;

    public string Path { get; private set; } = "";

    public ReadOnlySpan<byte> Body => _body.AsSpan(0, _length);

    /// <summary>Reads the next request; false when the connection ended before one.</summary>
    public async Task<bool> ReadAsync()
    {
        _length = 0;
        if (await LineAsync() is not { Length: > 0 } requestLine)
            return false;
        Path = requestLine.Split(' ')[1];
        var length = 0;
        var isChunked = false;
        while (await LineAsync() is { Length: > 0 } header)
        {
            if (header.StartsWith("content-length:", StringComparison.OrdinalIgnoreCase))
                length = int.Parse(header.AsSpan(15), NumberStyles.AllowLeadingWhite, CultureInfo.InvariantCulture);
            else if (header.StartsWith("transfer-encoding:", StringComparison.OrdinalIgnoreCase))
                isChunked = header.Contains("chunked", StringComparison.OrdinalIgnoreCase);
        }

        if (!isChunked)
        {
            await BytesAsync(length);
            return true;
        }

        while (int.Parse(await LineAsync() ?? "0", NumberStyles.HexNumber, CultureInfo.InvariantCulture) is > 0 and var chunk)
        {
            await BytesAsync(chunk);
            await LineAsync();
        }

        await LineAsync();
        return true;
    }

    private async Task<string?> LineAsync()
    {
        var line = "";
        while (true)
        {
            if (_start == _end && !await FillAsync())
                return null;
            var end = Array.IndexOf(_buffer, (byte)'\n', _start, _end - _start);
            var stop = end < 0 ? _end : end;
            line += System.Text.Encoding.ASCII.GetString(_buffer, _start, stop - _start);
            _start = end < 0 ? _end : end + 1;
            if (end >= 0)
                return line.TrimEnd('\r');
        }
    }

    private async Task BytesAsync(int count)
    {
        if (_body.Length < _length + count)
            Array.Resize(ref _body, Math.Max(_body.Length * 2, _length + count));
        while (count > 0)
        {
            if (_start == _end && !await FillAsync())
                throw new EndOfStreamException();
            var take = Math.Min(count, _end - _start);
            Buffer.BlockCopy(_buffer, _start, _body, _length, take);
            _start += take;
            _length += take;
            count -= take;
        }
    }

    private async Task<bool> FillAsync()
    {
        _start = 0;
        _end = await stream.ReadAsync(_buffer);
        return _end > 0;
    }
}
