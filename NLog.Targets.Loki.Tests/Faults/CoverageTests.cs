using System.Collections.Generic;
using System.Linq;
using System.Reflection;
using NUnit.Framework;

namespace NLog.Targets.Loki.Tests.Faults;

/// <summary>No row of the fault matrix and no rule of the security checklist is forgotten: each is the category of a test.</summary>
public sealed class CoverageTests
{
    // Tested, but not by what the row says.
    private static readonly Dictionary<string, string> s_otherwise = new()
    {
        ["N7"] = "a full backlog of a listening socket drops packets on Linux only; elsewhere the test has no fault to show",
        ["N13"] = "the two minutes are real time inside the HTTP handler: its setting is asserted, and the move of the name is run",
        ["N22"] = "not applicable: requests speak HTTP/1.1 (asserted), which has neither GOAWAY nor RST_STREAM",
        ["H21"] = "no sharding server: requests sent again are asserted to equal the duplicates that the server saw",
        ["Q7"] = "the pool is taken whole for the time of 5000 calls, not for 30 seconds",
    };

    private static IEnumerable<string> Rows =>
    [
        .. Ids("N", [.. Enumerable.Range(1, 18), 21, 22]),
        .. Ids("H", [.. Enumerable.Range(1, 19), 21]),
        .. Ids("P", [.. Enumerable.Range(1, 9), .. Enumerable.Range(11, 5)]),
        .. Ids("Q", Enumerable.Range(1, 10)),
        .. Ids("L", [.. Enumerable.Range(1, 4), .. Enumerable.Range(6, 4)]),
        .. Ids("C", [1, 2]),
        .. Ids("S", Enumerable.Range(1, 4)),
        .. Ids("R", [1, 2, 3, 4, 5, 8, 10, 12, 13, 14, 15, 16, 17, 22, 23, 24]),
    ];

    [Test]
    public void Every_row_has_a_test_of_its_category()
    {
        var assembly = typeof(CoverageTests).Assembly;
        var tested = assembly.GetTypes().SelectMany(type => type.GetMethods().Cast<MemberInfo>().Append(type))
            .SelectMany(member => member.GetCustomAttributes<CategoryAttribute>().Select(category => category.Name))
            .Concat(FaultMatrixTests.All.SelectMany(row => row.Id.Split(' '))).ToHashSet();
        foreach (var (id, reason) in s_otherwise)
            TestContext.Out.WriteLine($"{id}: {reason}");
        Assert.That(Rows.Where(id => !tested.Contains(id)), Is.Empty, "rows without a test");
        Assert.That(s_otherwise.Keys.Except(Rows), Is.Empty);
    }

    private static IEnumerable<string> Ids(string letter, IEnumerable<int> numbers) => numbers.Select(number => letter + number);
}
