using System;
using System.Collections.Generic;
using System.Globalization;
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
            Next(inside: false);
        }

        if (_kind != Kind.Open)
        {
            throw Fault(_start, $"unexpected {Describe()}");
        }

        Next(inside: true);
        while (_kind != Kind.Close)
        {
            if (_kind is not (Kind.Name or Kind.Text))
            {
                throw Unexpected("identifier or \"}\"");
            }

            var name = _value;
            Next(inside: true);
            if (_kind != Kind.Equal)
            {
                throw Unexpected("\"=\"");
            }

            Next(inside: true);
            if (_kind != Kind.Text)
            {
                throw Unexpected("string");
            }

            pairs.Add(new(name, _value));
            Next(inside: true);
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
        return _kind == Kind.End ? pairs : throw Fault(_start, $"unexpected {Describe()}");
    }

    private void Next(bool inside)
    {
        while (_at < _text.Length && _text[_at] is ' ' or '\t' or '\n' or '\r')
        {
            _at++;
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
            case '}':
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
            case '"' or '\'' or '`':
                ReadText(c);
                return;
            default:
                if (!IsNameStart(c))
                {
                    var rune = Rune.GetRuneAt(_text, _start);
                    throw Fault(_start, inside ? $"unexpected character inside braces: '{rune}'" : $"unexpected character: '{rune}'");
                }

                while (_at < _text.Length && (IsNameStart(_text[_at]) || char.IsAsciiDigit(_text[_at])))
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
        var value = new StringBuilder();
        while (true)
        {
            if (_at == _text.Length || (_text[_at] == '\n' && quote != '`'))
            {
                throw Fault(_start, quote == '`' ? "unterminated raw string" : "unterminated quoted string");
            }

            var c = _text[_at++];
            if (c == quote)
            {
                _kind = Kind.Text;
                _value = value.ToString();
                return;
            }

            if (c == '\uFFFD')
            {
                throw Fault(_start, "invalid UTF-8 rune");
            }

            if (c == '\\' && quote != '`')
            {
                ReadEscape(value, quote);
            }
            else
            {
                value.Append(c);
            }
        }
    }

    private void ReadEscape(StringBuilder value, char quote)
    {
        var c = _at < _text.Length ? _text[_at++] : throw Fault(_start, "escape sequence not terminated");
        const string letters = "abfnrtv\\";
        var plain = letters.IndexOf(c, StringComparison.Ordinal);
        if (plain >= 0 || c == quote)
        {
            value.Append(plain >= 0 ? "\a\b\f\n\r\t\v\\"[plain] : c);
            return;
        }

        var (digits, radix) = c switch
        {
            'x' => (2, 16),
            'u' => (4, 16),
            'U' => (8, 16),
            >= '0' and <= '7' => (3, 8),
            _ => throw Fault(_start, $"unknown escape sequence '{c}'"),
        };
        _at -= radix == 8 ? 1 : 0;
        long code = 0;
        for (var i = 0; i < digits; i++, _at++)
        {
            var digit = _at < _text.Length && char.IsAsciiHexDigit(_text[_at])
                ? int.Parse(_text.AsSpan(_at, 1), NumberStyles.HexNumber, CultureInfo.InvariantCulture)
                : radix;
            code = digit < radix ? (code * radix) + digit : throw Fault(_start, "illegal character in escape sequence");
        }

        value.Append(Rune.IsValid((int)Math.Min(code, int.MaxValue))
            ? new Rune((int)code).ToString()
            : throw Fault(_start, "escape sequence is an invalid Unicode code point"));
    }

    private PushRefusal Unexpected(string expected) =>
        Fault(_start, $"unexpected {Describe()} in label set, expected {expected}");

    private string Describe() => _kind switch
    {
        Kind.End => "end of input",
        Kind.Name => $"identifier {LabelText.Quote(_value)}",
        Kind.Text => $"string {LabelText.Quote(_text[_start.._at])}",
        _ => LabelText.Quote(_text[_start.._at]),
    };

    // Columns count bytes, from one; a raw newline in the text is the start of a line.
    private PushRefusal Fault(int at, string what)
    {
        var before = _text.AsSpan(0, at);
        var lineStart = before.LastIndexOf('\n') + 1;
        var line = before.Count('\n') + 1;
        return new PushRefusal(400, $"couldn't parse labels: {line}:{Encoding.UTF8.GetByteCount(before[lineStart..]) + 1}: parse error: {what}");
    }
}
