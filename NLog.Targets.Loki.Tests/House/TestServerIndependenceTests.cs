using System;
using System.Collections.Generic;
using System.Linq;
using System.Reflection;
using System.Runtime.CompilerServices;
using NLog.Targets.Loki.Testing;
using NUnit.Framework;

namespace NLog.Targets.Loki.Tests.House;

/// <summary>
/// A mistake that both sides share is one that no test can see: the test server has no code and no number of the package.
/// </summary>
public sealed class TestServerIndependenceTests
{
    private const BindingFlags All = BindingFlags.Instance | BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    // What the compiler and the framework add to each assembly.
    private static readonly string[] s_compilers = ["System.", "Microsoft.", "<"];

    [Test]
    public void Neither_assembly_refers_to_the_other_and_the_server_not_to_NLog()
    {
        Assert.That(References(typeof(LokiTestServer)), Has.None.EqualTo("NLog").And.None.EqualTo("NLog.Targets.Loki"));
        Assert.That(References(typeof(LokiTarget)), Has.None.EqualTo("NLog.Targets.Loki.Testing"));
    }

    [Test]
    public void They_share_no_name_of_a_type()
    {
        static IEnumerable<string> Names(Type type) => type.Assembly.GetTypes()
            .Where(type => !type.IsNested && !s_compilers.Any(prefix => type.FullName!.StartsWith(prefix, StringComparison.Ordinal))).Select(type => type.Name);
        Assert.That(Names(typeof(LokiTarget)).Intersect(Names(typeof(LokiTestServer))), Is.Empty);
    }

    [Test]
    public void Neither_sees_the_internals_of_the_other() =>
        Assert.That(
            new[] { typeof(LokiTestServer), typeof(LokiTarget) }.SelectMany(type => type.Assembly.GetCustomAttributes<InternalsVisibleToAttribute>())
                .Select(friend => friend.AssemblyName.Split(',')[0]),
            Is.SubsetOf(new[] { "NLog.Targets.Loki.Tests", "NLog.Targets.Loki.Tests.NetStandard", "NLog.Targets.Loki.Micro" }));

    [Test]
    public void No_method_body_stands_in_both()
    {
        // A linked or copied source file compiles to the same instructions; short bodies say nothing.
        var ours = Bodies(typeof(LokiTarget)).ToLookup(body => body.Shape, body => body.Name);
        var twice = Bodies(typeof(LokiTestServer)).Where(body => ours.Contains(body.Shape)).Select(body => $"{body.Name} = {ours[body.Shape].First()}").ToList();
        Assert.That(ours, Has.Count.GreaterThan(100), "there is something to compare");
        Assert.That(twice, Is.Empty);
    }

    private static IEnumerable<string> References(Type type) => type.Assembly.GetReferencedAssemblies().Select(name => name.Name!);

    // Opcodes and signature; the operands are tokens, which differ from assembly to assembly.
    private static IEnumerable<(string Name, string Shape)> Bodies(Type member) =>
        from type in member.Assembly.GetTypes()
        where !s_compilers.Any(prefix => type.FullName!.StartsWith(prefix, StringComparison.Ordinal))
        from method in type.GetMethods(All)
        where method.GetCustomAttribute<CompilerGeneratedAttribute>() is null
        let body = method.GetMethodBody()?.GetILAsByteArray()
        where body is { Length: > 60 }
        select ($"{type.Name}.{method.Name}", $"{method.ReturnType.Name}({string.Join(',', method.GetParameters().Select(parameter => parameter.ParameterType.Name))}):{Opcodes(body)}");

    private static string Opcodes(byte[] body) => string.Join(' ', Instructions.Read(body).Select(instruction => instruction.Code.Name));
}
