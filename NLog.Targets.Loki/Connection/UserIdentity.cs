using System;
using System.Collections.Generic;
using System.Security.Cryptography;

namespace NLog.Targets.Loki.Connection;

/// <summary>
/// Who pushes, as a text that is compared and may be printed: a user name as it is, and of what may be a secret the hash of its
/// setting. A token names no user that is known here; one that is renewed outside of the configuration keeps its setting and its user.
/// </summary>
internal sealed class UserIdentity
{
    // Made for each process, so that no table of hashes gives a token back.
    private static readonly byte[] s_key = NewKey();

    private readonly SortedSet<string> _secrets = new(StringComparer.Ordinal);

    /// <summary>The user of basic authentication; his password may be renewed and says nothing.</summary>
    public string Name { get; set; } = "";

    /// <summary>A header whose value may stand for an account: a token, the key of a gateway.</summary>
    /// <param name="header">Its name, in whatever case.</param>
    /// <param name="setting">The text of the configuration, not what it renders to.</param>
    public void AddSecret(string header, string setting)
    {
        using var hash = new HMACSHA256(s_key);
        _secrets.Add(header.ToUpperInvariant() + " #" + Convert.ToBase64String(hash.ComputeHash(System.Text.Encoding.UTF8.GetBytes(setting))) + "; ");
    }

    /// <summary>Empty for nobody. The name comes last, so that none reads like a secret.</summary>
    public override string ToString() => string.Concat(_secrets) + (Name.Length > 0 ? "user " + Name : "");

    private static byte[] NewKey()
    {
        var key = new byte[32];
        using var random = RandomNumberGenerator.Create();
        random.GetBytes(key);
        return key;
    }
}
