using System;
using System.Collections.Generic;
using System.Security.Cryptography;

namespace NLog.Targets.Loki.Connection;

/// <summary>
/// Who pushes, as a text that is compared and may be printed: a user name as it is, and of what may be a secret the hash of its
/// setting. A token names no user that is known here; one that is renewed outside of the configuration keeps its setting and its user.
/// A value that was missing may come later, when credentials are read again. Thread-safe.
/// </summary>
internal sealed class UserIdentity
{
    // Made for each process, so that no table of hashes gives a token back.
    private static readonly byte[] s_key = NewKey();

    private readonly SortedSet<string> _secrets = new(StringComparer.Ordinal);
    private string _name = "";

    /// <summary>The user of basic authentication; his password may be renewed and says nothing.</summary>
    public void SetName(string name)
    {
        lock (_secrets)
            _name = name;
    }

    /// <summary>A header whose value may stand for an account: a token, the key of a gateway.</summary>
    /// <param name="header">Its name, in whatever case.</param>
    /// <param name="setting">The text of the configuration, not what it renders to.</param>
    public void AddSecret(string header, string setting)
    {
        using var hash = new HMACSHA256(s_key);
        var text = header.ToUpperInvariant() + " #" + Convert.ToBase64String(hash.ComputeHash(System.Text.Encoding.UTF8.GetBytes(setting))) + "; ";
        lock (_secrets)
            _secrets.Add(text);
    }

    /// <summary>Empty for nobody. The name comes last, so that none reads like a secret.</summary>
    public override string ToString()
    {
        lock (_secrets)
            return string.Concat(_secrets) + (_name.Length > 0 ? "user " + _name : "");
    }

    private static byte[] NewKey()
    {
        var key = new byte[32];
        using var random = RandomNumberGenerator.Create();
        random.GetBytes(key);
        return key;
    }
}
