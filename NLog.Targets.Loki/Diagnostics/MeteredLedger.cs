using System.Collections.Generic;
using System.Globalization;
using System.Linq;

namespace NLog.Targets.Loki.Diagnostics;

/// <summary>A ledger that the meter shows, and the tags of its series, which never change.</summary>
internal sealed class MeteredLedger
{
    private readonly KeyValuePair<string, object?>[] _tags;

    /// <param name="target">The name of the target.</param>
    /// <param name="number">1, or which one it is of those that have this name at the same time, each in a LogFactory of its own.</param>
    /// <param name="ledger">The counters.</param>
    public MeteredLedger(string target, int number, Ledger ledger)
    {
        Target = target;
        Number = number;
        Ledger = ledger;
        var name = new KeyValuePair<string, object?>("target", target);
        _tags = number == 1
            ? new[] { name }
            : new[] { name, new KeyValuePair<string, object?>("factory", number.ToString(CultureInfo.InvariantCulture)) };
    }

    public string Target { get; }

    public int Number { get; }

    public Ledger Ledger { get; }

    public IEnumerable<KeyValuePair<string, object?>> Tags(params KeyValuePair<string, object?>[] more) => _tags.Concat(more);
}
