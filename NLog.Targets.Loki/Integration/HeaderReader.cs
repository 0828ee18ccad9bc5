using System;
using System.Collections.Generic;
using System.Linq;
using NLog.Targets.Loki.Connection;

namespace NLog.Targets.Loki.Integration;

/// <summary>Reads the request headers that come from settings: authorization and extras, all treated as secrets.</summary>
internal sealed class HeaderReader
{
    private static readonly HashSet<string> s_own = new(StringComparer.OrdinalIgnoreCase)
    {
        "Authorization", "Content-Type", "Content-Encoding", "Content-Length", "Host", "Transfer-Encoding", "X-Scope-OrgID",
    };

    private readonly LokiTarget _target;
    private readonly Func<string, string?> _environment;
    private readonly Action<string, string> _problem;
    private readonly string _userInfo;

    public HeaderReader(LokiTarget target, Func<string, string?> environment,
        Action<string, string> problem, string userInfo)
    {
        _target = target;
        _environment = environment;
        _problem = problem;
        _userInfo = userInfo;
    }

    /// <summary>Who pushes with these headers, as far as their values are there; known after <see cref="Read"/>.</summary>
    public UserIdentity User { get; } = new();

    /// <summary>What renders the headers; it throws <see cref="HeaderValueException"/> for a value that became invalid later.</summary>
    public Func<IReadOnlyList<KeyValuePair<string, string>>> Read()
    {
        var sources = new List<(string Header, string Setting, Func<string> Render)>();
        var basic = !string.IsNullOrEmpty(_target.Username) || _userInfo.Length > 0;
        if (!string.IsNullOrEmpty(_target.BearerToken) && basic)
            _problem("bearerToken", "stands together with username; write only one of the two");
        if (!string.IsNullOrEmpty(_target.Password) && string.IsNullOrEmpty(_target.Username))
            _problem("password", "has no username; write username as well");

        if (basic)
            sources.Add(("Authorization", "username", Basic()));
        else if (!string.IsNullOrEmpty(_target.BearerToken))
            AddBearer(sources, "bearerToken", Text("bearerToken", _target.BearerToken) is { } token ? token.Render : null, _target.BearerToken!);
        else
            AddBearer(sources, "LOKI_TOKEN", VariableToken(), "${environment:LOKI_TOKEN}");
        foreach (var header in _target.Headers)
        {
            if (header is null || !IsToken(header.Name))
                _problem("header", "has a name that is empty or no HTTP token; write <header name=\"...\" layout=\"...\" />");
            else if (s_own.Contains(header.Name))
                _problem("header", $"'{header.Name}' is set by the target itself; write tenant, bearerToken or username instead, or take it away");
            else if (Text($"header '{header.Name}'", header.Layout) is { } text)
                sources.Add((header.Name, $"header '{header.Name}'", Account(header.Name, header.Layout, text.Render)));
        }

        return () => Render(sources);
    }

    private static IReadOnlyList<KeyValuePair<string, string>> Render(List<(string Header, string Setting, Func<string> Render)> sources)
    {
        var headers = new List<KeyValuePair<string, string>>();
        foreach (var (header, setting, render) in sources)
        {
            var value = render();
            if (!IsHeaderValue(value))
                throw new HeaderValueException(setting);
            if (value.Length > 0)
                headers.Add(new KeyValuePair<string, string>(header, value));
        }

        return headers;
    }

    private void AddBearer(List<(string Header, string Setting, Func<string> Render)> sources, string setting, Func<string>? token, string text)
    {
        if (token is null)
            return;
        var render = Account("Authorization", text, token);
        sources.Add(("Authorization", setting, () => render() is { Length: > 0 } value ? "Bearer " + value : ""));
    }

    // What there is makes an account. A value that is gone when it is read again leaves the earlier one in use: the entries that
    // wait would be those of nobody.
    private Func<string> Account(string header, string setting, Func<string> render)
    {
        var last = "";
        string Render()
        {
            if (render() is not { Length: > 0 } value)
                return last;
            if (last.Length == 0)
                User.AddSecret(header, setting);
            return last = value;
        }

        Render();
        return Render;
    }

    private Func<string> Basic()
    {
        if (!string.IsNullOrEmpty(_target.Username))
        {
            var user = Text("username", _target.Username);
            var password = Text("password", _target.Password);
            // A variable that is not set leaves authentication out, as an empty token does. Once it is there the user stays who he is: the
            // entries that wait are his. Only his password is read again.
            var name = "";
            string Name()
            {
                if (name.Length == 0)
                    User.SetName(name = user?.Render() ?? "");
                return name;
            }

            Name();
            return () => Name() is { Length: > 0 } there ? Encode(there + ":" + password?.Render()) : "";
        }

        var userInfo = Uri.UnescapeDataString(_userInfo.IndexOf(':') < 0 ? _userInfo + ":" : _userInfo);
        User.SetName(userInfo.Substring(0, userInfo.IndexOf(':')));
        // A token that stands where a password would names nobody.
        if (userInfo[0] == ':')
            User.AddSecret("Authorization", userInfo);
        return () => Encode(userInfo);
    }

    private Func<string> VariableToken()
    {
        // A secret out of a file often ends with a line break.
        string Render() => _environment("LOKI_TOKEN")?.Trim() ?? "";
        if (!IsHeaderValue(Render()))
            _problem("LOKI_TOKEN", HeaderValueException.Problem);
        return Render;
    }

    private SettingText? Text(string name, string? text)
    {
        var setting = SettingText.Parse(text, out var problem);
        if (problem is not null)
            _problem(name, problem);
        else if (setting is { IsNested: true })
            _problem(name, "wraps one layout in another, and NLog's internal log would show the value; write ${environment:NAME} by itself");
        else if (setting is not null && name != "username" && name != "password" && !IsHeaderValue(setting.Render()))
            _problem(name, HeaderValueException.Problem);
        return setting;
    }

    private static string Encode(string credentials) =>
        "Basic " + Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(credentials));

    private static bool IsHeaderValue(string value) => value.All(c => c is >= ' ' and <= '~' or '\t');

    private static bool IsToken(string? name) => !string.IsNullOrEmpty(name)
        && name!.All(c => c is >= 'a' and <= 'z' or >= 'A' and <= 'Z' or >= '0' and <= '9' || "!#$%&'*+-.^_`|~".IndexOf(c) >= 0);
}
