#:property PublishAot=false
// Fills the last column of the tables of docs/delivery.md from a run of the tests that their rows name by category:
//     dotnet run tools/delivery.cs
using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;
using System.Xml.Linq;

const string Document = "docs/delivery.md";
const string Project = "NLog.Targets.Loki.Tests";
const string LastColumn = "| category | proved by |";

if (!File.Exists(Document))
{
    Console.Error.WriteLine("Run it in the root of the repository.");
    return 1;
}

var lines = File.ReadAllLines(Document).ToList();
var rows = new List<int>();
var isTable = false;
for (var i = 0; i < lines.Count; i++)
{
    isTable = lines[i].EndsWith(LastColumn) || (isTable && lines[i].StartsWith('|'));
    if (isTable && lines[i].StartsWith("| ") && !lines[i].EndsWith(LastColumn))
        rows.Add(i);
}

var categories = rows.SelectMany(row => CategoriesOf(lines[row])).Distinct().ToList();
var folder = Directory.CreateTempSubdirectory("delivery").FullName;
var start = new ProcessStartInfo("dotnet");
foreach (var argument in new[] { "test", Project, "--filter", string.Join('|', categories.Select(category => "TestCategory=" + category)), "--", "NUnit.TestOutputXml=" + folder })
    start.ArgumentList.Add(argument);
using (var run = Process.Start(start)!)
    run.WaitForExit();

// Class and method, categories of the method and of what it lies in, result.
var cases = Directory.GetFiles(folder, "*.xml").SelectMany(file => XDocument.Load(file).Descendants("test-case")).Select(test => (
    Name: Regex.Replace(test.Attribute("classname")!.Value, @"^.*\.|\(.*$", "") + "." + test.Attribute("methodname")!.Value,
    Categories: test.AncestorsAndSelf().Elements("properties").Elements("property")
        .Where(property => property.Attribute("name")?.Value == "Category").Select(property => property.Attribute("value")!.Value).ToHashSet(),
    Result: test.Attribute("result")!.Value)).ToList();
var failed = 0;
foreach (var row in rows)
{
    var own = CategoriesOf(lines[row]);
    var methods = cases.Where(test => own.Any(test.Categories.Contains)).GroupBy(test => test.Name).OrderBy(group => group.Key, StringComparer.Ordinal);
    var proofs = methods.Select(method =>
    {
        var broken = method.Count(test => test.Result == "Failed");
        failed += broken;
        return $"`{method.Key}` {method.Count(test => test.Result == "Passed")} passed" + (broken > 0 ? $", **{broken} failed**" : "");
    });
    var cells = lines[row].Split('|');
    cells[^2] = " " + string.Join("<br>", proofs) + " ";
    lines[row] = string.Join('|', cells);
}

File.WriteAllText(Document, string.Join('\n', lines) + "\n");
Console.WriteLine($"{rows.Count} rows, {cases.Count(test => test.Result == "Passed")} tests passed, {failed} failed");
return failed == 0 && cases.Count > 0 ? 0 : 1;

// The cell before the last: names in code marks.
static List<string> CategoriesOf(string row) =>
    [.. Regex.Matches(row.Split('|')[^3], "`([^`]+)`").Select(match => match.Groups[1].Value)];
