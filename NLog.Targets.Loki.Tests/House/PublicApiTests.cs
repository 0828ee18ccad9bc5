using System;
using System.IO;
using System.Linq;
using System.Reflection;
using NLog.Targets.Loki.Testing;
using NUnit.Framework;
using PublicApiGenerator;

namespace NLog.Targets.Loki.Tests.House;

public sealed class PublicApiTests
{
    [TestCase("PublicApi", typeof(LokiTarget))]
    [TestCase("TestServerApi", typeof(LokiTestServer))]
    public void The_public_API_is_the_approved_one(string name, Type member)
    {
        var actual = Describe(member.Assembly);
        var path = Directory.GetFiles(AppContext.BaseDirectory, name + ".approved.txt", SearchOption.AllDirectories).Single();
        var approved = File.ReadAllText(path).ReplaceLineEndings("\n");
        if (actual != approved)
            File.WriteAllText(Path.Combine(AppContext.BaseDirectory, name + ".received.txt"), actual);
        Assert.That(actual, Is.EqualTo(approved), $"a wanted change is approved by copying {name}.received.txt over House/{name}.approved.txt");
    }

    [Test]
    public void On_net8_the_package_depends_on_NLog_alone()
    {
        var references = typeof(LokiTarget).Assembly.GetReferencedAssemblies().Select(name => name.Name!).Where(name => !name.StartsWith("System.", StringComparison.Ordinal));
#if NETSTANDARD_ASSET
        Assert.That(references, Is.EquivalentTo(new[] { "netstandard", "NLog", "Microsoft.Bcl.TimeProvider" }));
#else
        Assert.That(references, Is.EquivalentTo(new[] { "NLog" }));
#endif
    }

    // What the assembly says of itself, its friends above all, is no API.
    private static string Describe(Assembly assembly) =>
        assembly.GeneratePublicApi(new ApiGeneratorOptions { IncludeAssemblyAttributes = false }).ReplaceLineEndings("\n");
}
