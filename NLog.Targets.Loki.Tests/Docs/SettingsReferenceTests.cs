using System;
using System.Collections;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Reflection;
using System.Text.RegularExpressions;
using NLog.Config;
using NLog.Layouts;
using NLog.Targets.Loki.Contract;
using NLog.Targets.Loki.Integration;
using NUnit.Framework;

namespace NLog.Targets.Loki.Tests.Docs;

/// <summary>The tables of the documents against the code: the code is the truth.</summary>
public sealed class SettingsReferenceTests
{
    private static readonly string[] s_settingHeader = ["name", "default", "meaning"];

    private static readonly string[] s_inherited =
        ["queueLimit", "overflowAction", "contextproperty", "includeScopeProperties", "includeGdc", "excludeProperties"];

    [Test]
    public void Every_setting_is_in_the_reference_with_its_real_default()
    {
        var rows = Rows(PublishedText.Settings);
        var target = new LokiTarget();
        using (Assert.EnterMultipleScope())
        {
            foreach (var name in DeclaredSettings().Concat(s_inherited))
                Assert.That(rows.GetValueOrDefault(name, "no row"), Is.EqualTo(DefaultOf(target, name)), name);
        }
    }

    [TestCase(PublishedText.Settings)]
    [TestCase(PublishedText.Readme)]
    public void Every_row_names_a_setting_that_exists(string document) =>
        Assert.That(Rows(document).Keys.Where(name => Find(name) is null), Is.Empty);

    [Test]
    public void The_readme_shows_eight_settings_with_the_defaults_of_the_reference()
    {
        var rows = Rows(PublishedText.Readme);
        Assert.That(rows, Has.Count.EqualTo(8));
        Assert.That(rows, Is.SubsetOf(Rows(PublishedText.Settings)));
    }

    [TestCase("label attribute", typeof(LokiLabel))]
    [TestCase("header attribute", typeof(LokiHeader))]
    public void The_attributes_of_an_element_are_those_of_its_type(string header, Type type) =>
        Assert.That(PublishedText.FirstColumn(PublishedText.Settings, header, "meaning"),
            Is.EquivalentTo(type.GetProperties().Select(property => CamelCase(property.Name))));

    [Test]
    public void The_environment_variables_are_those_that_the_code_reads()
    {
        var asked = new HashSet<string>(StringComparer.Ordinal);
        string? Ask(string name)
        {
            asked.Add(name);
            return null;
        }

        new OptionsReader(new LokiTarget(), Ask).Read(isWrapped: false).Push.RenderHeaders();
        Assert.That(PublishedText.FirstColumn(PublishedText.Settings, "variable", "meaning"), Is.EquivalentTo(asked));
    }

    [Test]
    public void The_default_labels_are_those_of_the_code()
    {
        var options = new OptionsReader(new LokiTarget(), name => name is "LOKI_URL" or "LOKI_ENABLED" ? null : "x").Read(isWrapped: false);
        Assert.That(PublishedText.FirstColumn(PublishedText.Settings, "label", "source"), Is.EqualTo(options.Labels.Select(label => label.Key)));
    }

    [Test]
    public void The_drop_reasons_are_those_of_the_code_in_snake_case()
    {
        var reasons = Enum.GetNames<LokiDropReason>().Select(name => Regex.Replace(name, "(?<!^)[A-Z]", "_$0").ToLowerInvariant());
        Assert.That(PublishedText.FirstColumn(PublishedText.Settings, "reason", "meaning"), Is.EqualTo(reasons));
    }

    [Test]
    public void The_counters_are_those_of_the_code() =>
        Assert.That(PublishedText.FirstColumn(PublishedText.Settings, "counter", "meaning"),
            Is.EquivalentTo(typeof(LokiStatistics).GetProperties().Select(property => property.Name)));

    [Test]
    public void The_variables_and_renderers_are_those_of_the_code()
    {
        var rows = PublishedText.Tables(PublishedText.Settings, "variable", "renderer", "counter").Single().Rows;
        Assert.That(rows.Select(row => (row[0], row[1])), Is.EquivalentTo(StatisticsVariables.Counters.Keys
            .Select(counter => ($"`${{var:loki-{counter}}}`", $"`${{loki-stats:{counter}}}`"))));
        var statistics = WithDistinctCounters();
        using (Assert.EnterMultipleScope())
        {
            foreach (var row in rows)
            {
                var variable = row[0].Trim('`', '$', '{', '}')["var:loki-".Length..];
                var counter = typeof(LokiStatistics).GetProperty(row[2].Trim('`'))!;
                Assert.That(StatisticsVariables.Counters[variable](statistics), Is.EqualTo(counter.GetValue(statistics)), $"{variable} is {counter.Name}");
            }
        }
    }

    // Powers of two: no sum of counters is another one.
    private static LokiStatistics WithDistinctCounters()
    {
        var statistics = new LokiStatistics(new Dictionary<LokiDropReason, long>());
        var value = 1L;
        foreach (var property in typeof(LokiStatistics).GetProperties().Where(property => property.CanWrite && property.PropertyType == typeof(long)))
        {
            property.SetValue(statistics, value);
            value *= 2;
        }

        return statistics;
    }

    private static Dictionary<string, string> Rows(string document)
    {
        var rows = PublishedText.Tables(document, s_settingHeader).SelectMany(table => table.Rows).ToList();
        Assert.That(rows.Select(row => row.Count), Is.All.EqualTo(3), "a cell holds a |");
        return rows.ToDictionary(row => row[0].Trim('`'), row => row[1], StringComparer.Ordinal);
    }

    private static IEnumerable<string> DeclaredSettings() =>
        typeof(LokiTarget).GetProperties(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly)
            .Where(IsSetting).Select(NameOf);

    private static bool IsSetting(PropertyInfo property) => property.GetSetMethod() is not null || Element(property) is not null;

    private static string? Element(PropertyInfo property) => property.GetCustomAttribute<ArrayParameterAttribute>()?.ElementName;

    private static string NameOf(PropertyInfo property) => Element(property) ?? CamelCase(property.Name);

    /// <summary>The setting of this name, that of the most derived class first; null when there is none.</summary>
    private static PropertyInfo? Find(string name)
    {
        for (Type? type = typeof(LokiTarget); type is not null; type = type.BaseType)
        {
            var found = type.GetProperties(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly)
                .FirstOrDefault(property => IsSetting(property) && NameOf(property) == name);
            if (found is not null)
                return found;
        }

        return null;
    }

    private static string DefaultOf(LokiTarget target, string name)
    {
        // What an environment variable decides has no value of its own before the target starts.
        var (variable, otherwise) = name switch
        {
            "endpoint" => ("LOKI_URL", Code(Read().Push.Endpoint.GetLeftPart(UriPartial.Authority))),
            "enabled" => ("LOKI_ENABLED", Code(Read().Enabled)),
            "tenant" => ("LOKI_TENANT", Read().Push.Tenant.Length == 0 ? "none" : "something"),
            "bearerToken" => ("LOKI_TOKEN", Read().Push.RenderHeaders().Count == 0 ? "none" : "something"),
            _ => ("", ""),
        };
        var value = Find(name)!.GetValue(target);
        if (variable.Length > 0)
            return value is null ? $"`{variable}`, else {otherwise}" : Code(value);
        return value switch
        {
            null or "" => "none",
            SimpleLayout layout => Code(layout.Text),
            string text => Code(text),
            IEnumerable list => list.Cast<object>().Any() ? "something" : "none",
            _ => Code(value),
        };

        static LokiOptions Read() => new OptionsReader(new LokiTarget(), _ => null).Read(isWrapped: false);
    }

    private static string Code(object value) =>
        $"`{(value is bool flag ? flag ? "true" : "false" : Convert.ToString(value, CultureInfo.InvariantCulture))}`";

    private static string CamelCase(string name) => char.ToLowerInvariant(name[0]) + name[1..];
}
