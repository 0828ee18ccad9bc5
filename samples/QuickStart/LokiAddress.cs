using System;
using System.Diagnostics.CodeAnalysis;
using System.Net.Http.Headers;
using System.Text;

namespace QuickStart;

/// <summary>Where to read, from the same address and variables that the target writes with.</summary>
internal sealed class LokiAddress
{
    private const string PushPath = "/loki/api/v1/push";

    private LokiAddress(Uri url)
    {
        var text = url.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped).TrimEnd('/');
        Base = text.EndsWith(PushPath, StringComparison.Ordinal) ? text[..^PushPath.Length] : text;
        Tenant = Environment.GetEnvironmentVariable("LOKI_TENANT");
        if (url.UserInfo.Length > 0)
            Authorization = new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(Uri.UnescapeDataString(url.UserInfo))));
        else if (Environment.GetEnvironmentVariable("LOKI_TOKEN") is { Length: > 0 } token)
            Authorization = new("Bearer", token);
    }

    public string Base { get; }

    public string? Tenant { get; }

    public AuthenticationHeaderValue? Authorization { get; }

    public static bool TryParse(string text, [NotNullWhen(true)] out LokiAddress? address)
    {
        address = Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "http" or "https" ? new LokiAddress(url) : null;
        return address is not null;
    }
}
