using System;
using System.Collections.Generic;
using System.Text;

namespace NLog.Targets.Loki.Testing;

/// <summary>A media type with its parameters, read and refused as Go's <c>mime.ParseMediaType</c> does.</summary>
internal static class MediaType
{
    private const string Separators = "()<>@,;:\\\"/[]?=";

    /// <summary>The type in small letters, without its parameters, which only have to be well-formed.</summary>
    public static string Parse(string? text)
    {
        var rest = text ?? "";
        var end = rest.IndexOf(';', StringComparison.Ordinal) is var at && at < 0 ? rest.Length : at;
        var type = rest[..end].Trim().ToLowerInvariant();
        Check(type);
        rest = rest[end..].TrimStart();
        var parameters = new Dictionary<string, string>();
        while (rest.Length > 0)
        {
            if (Parameter(ref rest) is not var (name, value))
            {
                return rest.Trim() == ";" ? type : throw Fault("invalid media parameter");
            }

            if (!parameters.TryAdd(name, value) && parameters[name] != value)
            {
                throw Fault("duplicate parameter name");
            }

            rest = rest.TrimStart();
        }

        return type;
    }

    private static void Check(string type)
    {
        var rest = type;
        var family = Token(ref rest);
        var fault = family.Length == 0 ? "no media type"
            : rest.Length == 0 ? null
            : rest[0] != '/' ? "expected slash after first token"
            : null;
        if (fault is null && rest.Length > 0)
        {
            rest = rest[1..];
            fault = Token(ref rest).Length == 0 ? "expected token after slash" : rest.Length > 0 ? "unexpected content after media subtype" : null;
        }

        if (fault is not null)
        {
            throw Fault(fault);
        }
    }

    // Leaves the rest as it was if there is no well-formed parameter.
    private static (string Name, string Value)? Parameter(ref string rest)
    {
        if (rest[0] != ';')
        {
            return null;
        }

        var ahead = rest[1..].TrimStart();
        var name = Token(ref ahead).ToLowerInvariant();
        ahead = ahead.TrimStart();
        if (name.Length == 0 || !ahead.StartsWith('='))
        {
            return null;
        }

        ahead = ahead[1..].TrimStart();
        var value = ahead.StartsWith('"') ? Quoted(ref ahead) : Token(ref ahead) is { Length: > 0 } token ? token : null;
        rest = value is null ? rest : ahead;
        return value is null ? null : (name, value);
    }

    private static string Token(ref string rest)
    {
        var length = 0;
        while (length < rest.Length && rest[length] is > ' ' and < '\x7f' && !Separators.Contains(rest[length], StringComparison.Ordinal))
        {
            length++;
        }

        var token = rest[..length];
        rest = rest[length..];
        return token;
    }

    private static string? Quoted(ref string rest)
    {
        var value = new StringBuilder();
        for (var at = 1; at < rest.Length; at++)
        {
            if (rest[at] == '"')
            {
                rest = rest[(at + 1)..];
                return value.ToString();
            }

            // A backslash before anything but a separator is one of a path.
            at += rest[at] == '\\' && at + 1 < rest.Length && Separators.Contains(rest[at + 1], StringComparison.Ordinal) ? 1 : 0;
            value.Append(rest[at]);
        }

        return null;
    }

    private static PushRefusal Fault(string what) => new(400, "mime: " + what);
}
