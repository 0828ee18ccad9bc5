using System;
using System.IO;
using System.Reflection;
using System.Runtime.Loader;

namespace NLog.Targets.Loki.Tests.Support;

/// <summary>A context that loads these tests, NLog, the target and what else is not the framework's once more, for itself, and can be unloaded.</summary>
internal sealed class PrivateContext() : AssemblyLoadContext("private", isCollectible: true)
{
    private static readonly string s_folder = Path.GetDirectoryName(typeof(PrivateContext).Assembly.Location)!;

    public Assembly LoadTests() => LoadFromAssemblyPath(typeof(PrivateContext).Assembly.Location);

    protected override Assembly? Load(AssemblyName assemblyName)
    {
        var file = Path.Combine(s_folder, assemblyName.Name + ".dll");
        return File.Exists(file) ? LoadFromAssemblyPath(file) : null;
    }
}
