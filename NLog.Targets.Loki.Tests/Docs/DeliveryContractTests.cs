#if !NETSTANDARD_ASSET
// The netstandard2.0 asset does not promise all of it.
using System;
using System.Collections.Generic;
using System.Linq;
using System.Reflection;
using System.Text.RegularExpressions;
using NLog.Targets.Loki.Tests.Faults;
using NLog.Targets.Loki.Tests.Support;
using NUnit.Framework;

namespace NLog.Targets.Loki.Tests.Docs;

/// <summary>The delivery contract names tests that exist, and leaves out no reason and no decision.</summary>
public sealed class DeliveryContractTests
{
    private const string Document = "delivery.md";

    // The decision table of the design: what an answer can be.
    private static readonly string[] s_answers =
        ["204", "200 without a body", "200 with a body", "other 2xx", "web page", "260", "429", "limit of active streams", "408", "425", "5xx", "501", "505", "no connection", "DNS", "TLS", "reset", "time-out",
            "ResourceExhausted", "413", "too large", "400", "422", "feature is disallowed", "401", "403", "407", "3xx", "404", "405", "other 4xx", "while others pass"];

    private static readonly string[] s_ends =
        ["Environment.Exit", "return from `Main`", "SIGTERM", "FailFast", "kill -9", "unhandled exception", "Block", "queueLimit", "bufferLimitBytes", "spool"];

    private static readonly ILookup<string, string> s_methods = Methods().ToLookup(pair => pair.Category, pair => pair.Method);

    private static IEnumerable<IReadOnlyList<string>> Rows => PublishedText.Tables(Document, "what", "what happens", "counter", "category", "proved by").SelectMany(table => table.Rows);

    [Test]
    public void Every_row_names_a_category_with_tests()
    {
        using (Assert.EnterMultipleScope())
        {
            foreach (var row in Rows)
            {
                Assert.That(row, Has.Count.EqualTo(5), row[0]);
                Assert.That(Codes(row[3]), Is.Not.Empty, row[0]);
                foreach (var category in Codes(row[3]))
                    Assert.That(s_methods[category], Is.Not.Empty, category);
            }
        }
    }

    [Test]
    public void The_proofs_are_tests_of_the_rows_category_that_passed()
    {
        using (Assert.EnterMultipleScope())
        {
            foreach (var row in Rows)
            {
                Assert.That(Codes(row[4]), Is.Not.Empty.And.SubsetOf(Codes(row[3]).SelectMany(category => s_methods[category])), row[0] + ": run tools/delivery.cs");
                Assert.That(row[4], Does.Not.Contain("**").And.Not.Contain(" 0 passed"), row[0]);
            }
        }
    }

    [Test]
    public void Every_reason_is_in_the_counter_column()
    {
        var counters = Rows.SelectMany(row => Codes(row[2])).ToHashSet();
        var reasons = Enum.GetNames<LokiDropReason>().Select(name => Regex.Replace(name, "(?<!^)[A-Z]", "_$0").ToLowerInvariant()).ToList();
        Assert.That(reasons, Is.SubsetOf(counters));
        Assert.That(reasons.Where(reason => !PublishedText.Read(Document).Contains($"`{reason}`", StringComparison.Ordinal)), Is.Empty);
        Assert.That(counters.Except(reasons), Is.SubsetOf(typeof(LokiStatistics).GetProperties().Select(property => property.Name)));
    }

    [Test]
    public void Every_answer_and_every_end_has_its_row() =>
        Assert.That(s_answers.Concat(s_ends).Where(text => !Rows.Any(row => (row[0] + row[1]).Contains(text, StringComparison.Ordinal)) && !PublishedText.Read(Document).Contains("## Not implemented\n\nA " + text, StringComparison.Ordinal)), Is.Empty);

    [Test]
    public void The_links_lead_to_documents_and_headings_that_exist()
    {
        var links = Regex.Matches(PublishedText.Read(Document), @"\]\((?!https?:)([^)#]+)(?:#([^)]+))?\)");
        Assert.That(links, Is.Not.Empty);
        foreach (Match link in links)
        {
            Assert.That(PublishedText.Documents, Does.Contain(link.Groups[1].Value));
            var headings = Regex.Matches(PublishedText.Read(link.Groups[1].Value), "^#+ (.+)$", RegexOptions.Multiline).Select(heading => heading.Groups[1].Value.Trim().ToLowerInvariant().Replace(' ', '-'));
            if (link.Groups[2].Success)
                Assert.That(headings, Does.Contain(link.Groups[2].Value));
        }
    }

    [Test]
    public void The_settings_it_names_exist()
    {
        var known = typeof(LokiTarget).GetProperties().Select(property => char.ToLowerInvariant(property.Name[0]) + property.Name[1..]).ToHashSet();
        var named = Regex.Matches(PublishedText.Read(Document), "`([a-z]+[A-Z]\\w*)(?:=[^`]*)?`").Select(match => match.Groups[1].Value).Distinct();
        Assert.That(named, Is.Not.Empty.And.SubsetOf(known));
    }

    private static List<string> Codes(string cell) => [.. Regex.Matches(cell, "`([^`]+)`").Select(match => match.Groups[1].Value)];

    // Categories of methods, of the classes around them, and of the rows and cases that are data.
    private static IEnumerable<(string Category, string Method)> Methods()
    {
        foreach (var method in typeof(DeliveryContractTests).Assembly.GetTypes().Where(type => !type.IsAbstract).SelectMany(type => type.GetMethods()))
        {
            if (!method.GetCustomAttributes().Any(attribute => attribute is NUnit.Framework.Interfaces.ITestBuilder or NUnit.Framework.Interfaces.ISimpleTestBuilder))
                continue;
            var type = method.ReflectedType!;
            foreach (var category in method.GetCustomAttributes<CategoryAttribute>().Concat(type.GetCustomAttributes<CategoryAttribute>(inherit: true)))
                yield return (category.Name, type.Name + "." + method.Name);
        }

        foreach (var id in FaultMatrixTests.All.SelectMany(row => row.Id.Split(' ')))
            yield return (id, nameof(FaultMatrixTests) + "." + nameof(FaultMatrixTests.Lines_arrive_once_or_are_counted));
        foreach (var fault in FaultCase.All)
            yield return (fault.Decision, nameof(EndToEnd.FaultTests) + "." + nameof(EndToEnd.FaultTests.Every_line_before_and_during_a_fault_arrives_once_or_is_counted));
        foreach (var fault in EndToEnd.ProtobufTests.Faults)
            yield return (fault.Decision, nameof(EndToEnd.ProtobufTests) + "." + nameof(EndToEnd.ProtobufTests.Every_line_during_a_fault_arrives_once_or_is_counted));
    }
}
#endif
