using System;
using System.Collections.Generic;

namespace NLog.Targets.Loki.Tests.Diagnostics;

/// <summary>A set of names that throws when it is asked for one of them: code of the application that fails at hand-over.</summary>
internal sealed class UnreadableSet(string name) : HashSet<string>, ICollection<string>
{
    bool ICollection<string>.Contains(string item) => item == name ? throw new InvalidOperationException("no answer") : Contains(item);
}
