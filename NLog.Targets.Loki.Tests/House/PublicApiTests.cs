using System;
using System.IO;
using System.Linq;
using System.Reflection;
using System.Text;
using NLog.Targets.Loki.Testing;
using NUnit.Framework;

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

    private static string Describe(Assembly assembly)
    {
        var text = new StringBuilder();
        foreach (var type in assembly.GetExportedTypes().OrderBy(type => type.FullName, StringComparer.Ordinal))
        {
            text.Append(type.IsEnum ? "enum " : type.IsAbstract && type.IsSealed ? "static class " : type.IsSealed ? "sealed class " : "class ").Append(type.FullName).Append('\n');
            const BindingFlags Own = BindingFlags.Instance | BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;
            var members = type.GetMembers(Own).Where(IsVisible).Select(member => "  " + Describe(member)).OrderBy(line => line, StringComparer.Ordinal);
            foreach (var member in members)
                text.Append(member).Append('\n');
        }

        return text.ToString();
    }

    private static bool IsVisible(MemberInfo member) => member switch
    {
        MethodBase method => !method.IsSpecialName && (method.IsPublic || method.IsFamily) || (method is ConstructorInfo && (method.IsPublic || method.IsFamily)),
        PropertyInfo property => property.GetMethod is { IsPublic: true } or { IsFamily: true },
        FieldInfo field => (field.IsPublic || field.IsFamily) && !field.IsSpecialName,
        _ => false,
    };

    private static string Describe(MemberInfo member) => member is PropertyInfo property
        ? $"{property} {{ get;{(property.SetMethod is { IsPublic: true } ? " set;" : "")} }}"
        : member is FieldInfo { IsLiteral: true } field ? $"{field.Name} = {Convert.ToString(field.GetRawConstantValue(), System.Globalization.CultureInfo.InvariantCulture)}" : member.ToString()!;
}
