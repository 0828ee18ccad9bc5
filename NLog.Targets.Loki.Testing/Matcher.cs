using System;
using System.Text.RegularExpressions;

namespace NLog.Targets.Loki.Testing;

/// <summary>Compares a label with a value; regular expressions are anchored at both ends.</summary>
internal sealed class Matcher
{
    private readonly string _operator;
    private readonly string _value;
    private readonly Regex? _pattern;

    public Matcher(string name, string @operator, string value)
    {
        (Name, _operator, _value) = (name, @operator, value);
        if (@operator is "=~" or "!~")
        {
            _pattern = Compile($@"\A(?:{value})\z", RegexOptions.Singleline);
        }
    }

    public string Name { get; }

    /// <summary>An absent label counts as an empty one.</summary>
    public bool Matches(string value) => _operator switch
    {
        "=" => value == _value,
        "!=" => value != _value,
        "=~" => _pattern!.IsMatch(value),
        _ => !_pattern!.IsMatch(value),
    };

    public static Regex Compile(string pattern, RegexOptions options)
    {
        try
        {
            return new Regex(pattern, options | RegexOptions.CultureInvariant, TimeSpan.FromSeconds(10));
        }
        catch (ArgumentException fault)
        {
            throw new QueryRefusal($"parse error at line 1, col 1: error parsing regexp: {fault.Message}");
        }
    }
}
