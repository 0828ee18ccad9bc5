using System;
using System.Collections.Generic;
using System.Text;
using System.Text.RegularExpressions;

namespace NLog.Targets.Loki.Testing;

/// <summary>
/// Reads the part of LogQL the server answers: a selector, line filters, <c>| json</c> and label filters. Anything else is
/// refused rather than ignored, so that a test never takes a wider answer for the one it asked for.
/// </summary>
internal sealed partial class LogQueryParser
{
    private readonly string _text;
    private int _at;

    private LogQueryParser(string text) => _text = text;

    public static LogQuery Parse(string text)
    {
        var parser = new LogQueryParser(text);
        var selector = parser.ReadSelector();
        var stages = new List<Func<QueryLine, bool>>();
        while (!parser.AtEnd())
        {
            stages.Add(parser.ReadStage());
        }

        return new LogQuery(selector, stages);
    }

    [GeneratedRegex(@"\G[a-zA-Z_][a-zA-Z0-9_]*")]
    private static partial Regex Name();

    private bool AtEnd()
    {
        while (_at < _text.Length && char.IsWhiteSpace(_text[_at]))
        {
            _at++;
        }

        return _at == _text.Length;
    }

    private bool Take(string token)
    {
        if (AtEnd() || string.CompareOrdinal(_text, _at, token, 0, token.Length) != 0)
        {
            return false;
        }

        _at += token.Length;
        return true;
    }

    private List<Matcher> ReadSelector()
    {
        var matchers = new List<Matcher>();
        Expect("{");
        var selective = false;
        while (!Take("}"))
        {
            if (matchers.Count > 0)
            {
                Expect(",");
                if (Take("}"))
                {
                    break;
                }
            }

            var matcher = ReadMatcher();
            selective |= !matcher.Matches("");
            matchers.Add(matcher);
        }

        return selective
            ? matchers
            : throw new QueryRefusal("parse error : queries require at least one regexp or equality matcher that does not have an empty-compatible value. For instance, app=~\".*\" does not meet this requirement, but app=~\".+\" will");
    }

    private Func<QueryLine, bool> ReadStage()
    {
        foreach (var filter in new[] { "|=", "|~", "!=", "!~" })
        {
            if (Take(filter))
            {
                return LogQuery.LineFilter(filter, ReadText());
            }
        }

        Expect("|");
        var start = _at;
        if (ReadName() == "json" && (AtEnd() || _text[_at] is '|' or '!'))
        {
            return LogQuery.ParseJson;
        }

        _at = start;
        return LogQuery.LabelFilter(ReadMatcher());
    }

    private Matcher ReadMatcher()
    {
        var name = ReadName();
        foreach (var comparison in new[] { "=~", "!~", "!=", "=" })
        {
            if (Take(comparison))
            {
                return new Matcher(name, comparison, ReadText());
            }
        }

        throw Unexpected();
    }

    private string ReadName()
    {
        var match = AtEnd() ? Match.Empty : Name().Match(_text, _at);
        _at += match.Length;
        return match.Success ? match.Value : throw Unexpected();
    }

    private string ReadText()
    {
        if (AtEnd() || _text[_at] is not ('"' or '`'))
        {
            throw Unexpected();
        }

        var quote = _text[_at++];
        var text = new StringBuilder();
        while (_at < _text.Length && _text[_at] != quote)
        {
            if (_text[_at] != '\\' || quote == '`' || _at + 1 == _text.Length)
            {
                text.Append(_text[_at++]);
                continue;
            }

            var escaped = _text[_at + 1];
            _at += 2;
            text.Append(escaped switch
            {
                'n' => '\n',
                't' => '\t',
                'r' => '\r',
                '"' or '\\' => escaped,
                _ => throw new QueryRefusal($"parse error at line 1, col {_at}: invalid char escape"),
            });
        }

        Expect(quote.ToString());
        return text.ToString();
    }

    private void Expect(string token)
    {
        if (!Take(token))
        {
            throw Unexpected();
        }
    }

    private QueryRefusal Unexpected() =>
        new(AtEnd()
            ? $"parse error at line 1, col {_at + 1}: syntax error: unexpected $end"
            : $"parse error at line 1, col {_at + 1}: syntax error: unexpected {LabelText.Quote(_text[_at..Math.Min(_text.Length, _at + 20)])}");
}
