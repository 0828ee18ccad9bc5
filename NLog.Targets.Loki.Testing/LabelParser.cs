using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Runtime.InteropServices;
using System.Text;

namespace NLog.Targets.Loki.Testing;

/// <summary>
/// Reads <c>{name="value", ...}</c> by the rules of Prometheus' metric parser, which Loki uses for the labels of both body
/// formats (pkg/logql/syntax/parser.go, ParseLabels). Faults carry the parser's texts and columns.
/// </summary>
internal sealed class LabelParser
{
    private readonly string _text;
    private int _at;
    private Kind _kind;
    private int _start;
    private string _value = "";

    private LabelParser(string text) => _text = text;

    private enum Kind
    {
        End,
        Open,
        Close,
        Comma,
        Equal,
        OtherOperator,
        Name,
        Text,
    }

    /// <summary>The labels sorted by name, without empty values; repeated names are kept for the caller to judge.</summary>
    /// <exception cref="FormatException">The text is none of labels; the message is the parser's.</exception>
    public static List<KeyValuePair<string, string>> Parse(string text)
    {
        var pairs = new LabelParser(text).Read();
        pairs.RemoveAll(pair => pair.Value.Length == 0);
        var order = 0;
        var sorted = pairs.ConvertAll(pair => (pair, at: order++));
        sorted.Sort((x, y) => string.CompareOrdinal(x.pair.Key, y.pair.Key) is var by && by != 0 ? by : x.at.CompareTo(y.at));
        return sorted.ConvertAll(item => item.pair);
    }

    public static bool IsName(string name)
    {
        if (name.Length == 0 || !IsNameStart(name[0]))
        {
            return false;
        }

        for (var i = 1; i < name.Length; i++)
        {
            if (!IsNameStart(name[i]) && !char.IsAsciiDigit(name[i]))
            {
                return false;
            }
        }

        return true;
    }

    private static bool IsNameStart(char c) => char.IsAsciiLetter(c) || c == '_';

    private List<KeyValuePair<string, string>> Read()
    {
        var pairs = new List<KeyValuePair<string, string>>();
        Next(inside: false);
        if (_kind == Kind.Name)
        {
            pairs.Add(new("__name__", _value));
            Next(inside: false);
        }

        if (_kind == Kind.Open)
        {
            Next(inside: true);
            while (_kind != Kind.Close)
            {
                pairs.Add(ReadPair());
                if (_kind == Kind.Comma)
                {
                    Next(inside: true);
                }
                else if (_kind != Kind.Close)
                {
                    throw Unexpected("\",\" or \"}\"");
                }
            }

            Next(inside: false);
        }

        return _kind == Kind.End ? pairs : throw Fault(_start, $"unexpected {Describe()}");
    }

    private KeyValuePair<string, string> ReadPair()
    {
        var (name, kind) = (_value, _kind);
        if (kind is not (Kind.Name or Kind.Text))
        {
            throw Unexpected("identifier or \"}\"");
        }

        Next(inside: true);
        if (_kind != Kind.Equal)
        {
            // A text alone is a metric's name.
            return kind == Kind.Text ? new("__name__", name) : throw Unexpected("\"=\"");
        }

        Next(inside: true);
        if (_kind != Kind.Text)
        {
            throw Unexpected("string");
        }

        var value = _value;
        Next(inside: true);
        return new(name, value);
    }

    private void Next(bool inside)
    {
        for (var inComment = false; _at < _text.Length && (inComment || _text[_at] is ' ' or '\t' or '\n' or '\r' or '#'); _at++)
        {
            inComment = _text[_at] is not ('\n' or '\r') && (inComment || _text[_at] == '#');
        }

        _start = _at;
        if (_at == _text.Length)
        {
            _kind = inside ? throw Fault(_at, "unexpected end of input inside braces") : Kind.End;
            return;
        }

        var c = _text[_at++];
        switch (c)
        {
            case '{' when inside:
                throw Fault(_start, "unexpected left brace '{'");
            case '{':
                _kind = Kind.Open;
                return;
            case '}' when inside:
                _kind = Kind.Close;
                return;
            case ',':
                _kind = Kind.Comma;
                return;
            case '=':
                _kind = _at < _text.Length && _text[_at] is '~' ? Kind.OtherOperator : Kind.Equal;
                _at += _kind == Kind.OtherOperator ? 1 : 0;
                return;
            case '!' when _at < _text.Length && _text[_at] is '=' or '~':
                _at++;
                _kind = Kind.OtherOperator;
                return;
            case '!' when inside:
                throw Fault(_start, $"unexpected character after '!' inside braces: {LabelText.Quote(_at < _text.Length ? RuneAt(_at) : Rune.ReplacementChar)}");
            case '"' or '\'' or '`':
                ReadText(c);
                return;
            default:
                if (!IsNameStart(c) && (inside || c != ':'))
                {
                    throw Fault(_start, $"unexpected character{(inside ? " inside braces" : "")}: {LabelText.Quote(RuneAt(_start))}");
                }

                while (_at < _text.Length && (IsNameStart(_text[_at]) || char.IsAsciiDigit(_text[_at]) || (!inside && _text[_at] == ':')))
                {
                    _at++;
                }

                _kind = Kind.Name;
                _value = _text[_start.._at];
                return;
        }
    }

    private void ReadText(char quote)
    {
        // Bytes, for escapes can write half of a character.
        var value = new List<byte>();
        while (true)
        {
            if (_at == _text.Length || (_text[_at] == '\n' && quote != '`'))
            {
                throw Fault(_start, quote == '`' ? "unterminated raw string" : "unterminated quoted string");
            }

            var rune = RuneAt(_at);
            _at += rune.Utf16SequenceLength;
            if (rune.Value == quote)
            {
                _kind = Kind.Text;
                _value = GoText.Of(CollectionsMarshal.AsSpan(value));
                return;
            }

            if (rune.Value == '\uFFFD')
            {
                throw Fault(_start, "invalid UTF-8 rune");
            }

            if (rune.Value == '\\' && quote != '`')
            {
                ReadEscape(value, quote);
            }
            else
            {
                Append(value, rune);
            }
        }
    }

    private static void Append(List<byte> value, Rune rune)
    {
        Span<byte> bytes = stackalloc byte[4];
        value.AddRange(bytes[..rune.EncodeToUtf8(bytes)]);
    }

    private void ReadEscape(List<byte> value, char quote)
    {
        var c = _at < _text.Length ? RuneAt(_at) : throw Fault(_start, "escape sequence not terminated");
        _at += c.Utf16SequenceLength;
        const string letters = "abfnrtv\\";
        var plain = c.IsBmp ? letters.IndexOf((char)c.Value, StringComparison.Ordinal) : -1;
        if (plain >= 0 || c.Value == quote)
        {
            value.Add((byte)(plain >= 0 ? "\a\b\f\n\r\t\v\\"[plain] : c.Value));
            return;
        }

        var (digits, radix, most) = c.Value switch
        {
            'x' => (2, 16, 0xff),
            'u' => (4, 16, 0x10ffff),
            'U' => (8, 16, 0x10ffff),
            >= '0' and <= '7' => (3, 8, 0xff),
            _ => throw Fault(_start, $"unknown escape sequence {LabelText.Name(c)}"),
        };
        _at -= radix == 8 ? 1 : 0;
        long code = 0;
        for (var i = 0; i < digits; i++, _at++)
        {
            var next = _at < _text.Length ? RuneAt(_at) : throw Fault(_start, "escape sequence not terminated");
            var digit = char.IsAsciiHexDigit(_text[_at])
                ? int.Parse(_text.AsSpan(_at, 1), NumberStyles.HexNumber, CultureInfo.InvariantCulture)
                : radix;
            code = digit < radix ? (code * radix) + digit : throw Fault(_start, $"illegal character {LabelText.Name(next)} in escape sequence");
        }

        if (code > most || code is >= 0xd800 and < 0xe000)
        {
            throw Fault(_start, "escape sequence is an invalid Unicode code point");
        }

        if (most == 0xff)
        {
            value.Add((byte)code);
        }
        else
        {
            Append(value, new Rune((int)code));
        }
    }

    private Rune RuneAt(int at)
    {
        GoText.IsInvalid(_text, at, out var rune);
        return rune;
    }

    private FormatException Unexpected(string expected) =>
        Fault(_start, $"unexpected {Describe()} in label set, expected {expected}");

    private string Describe() => _kind switch
    {
        Kind.End => "end of input",
        Kind.Name => $"{(_value.Contains(':', StringComparison.Ordinal) ? "metric identifier" : "identifier")} {LabelText.Quote(_value)}",
        Kind.Text => $"string {Shorten(_text[_start.._at])}",
        Kind.OtherOperator => $"<op:{_text[_start.._at]}>",
        _ => LabelText.Quote(_text[_start.._at]),
    };

    private static string Shorten(string text)
    {
        var characters = text.EnumerateRunes().Take(10).Sum(rune => rune.Utf16SequenceLength);
        return GoText.Size(text) <= 10 ? LabelText.Quote(text) : LabelText.Quote(text[..characters]) + "...";
    }

    // Columns count bytes, from one; a raw newline in the text is the start of a line.
    private FormatException Fault(int at, string what)
    {
        var before = _text[..at];
        var lineStart = before.LastIndexOf('\n') + 1;
        var line = before.AsSpan().Count('\n') + 1;
        return new FormatException($"{line}:{GoText.Size(before[lineStart..]) + 1}: parse error: {what}");
    }
}
