using System.Linq;
using System.Text.RegularExpressions;
using NUnit.Framework;

namespace NLog.Targets.Loki.Tests.Docs;

public sealed class ReadmeTests
{
    private static readonly string[] s_commands = ["dotnet run --project samples/QuickStart", "dotnet test NLog.Targets.Loki.sln"];

    [Test]
    public void The_readme_has_exactly_the_two_commands() =>
        Assert.That(PublishedText.Blocks(PublishedText.Readme).Where(block => block.Language == "bash").Select(block => block.Text),
            Is.EqualTo(s_commands));

    [Test]
    public void The_readme_installs_this_package() =>
        Assert.That(PublishedText.Read(PublishedText.Readme), Does.Match(@"dotnet add package NLog\.Targets\.GrafanaLoki\r?\n"));

    [Test]
    public void No_document_installs_the_package_of_the_other_client() =>
        Assert.That(PublishedText.Documents.Append(PublishedText.Sample).Select(PublishedText.Read),
            Has.None.Match(@"(add package |Install-Package |Include="")NLog\.Targets\.Loki(?!\.?\w)"));

    [Test]
    public void The_readme_links_only_to_files_of_the_repository_that_exist() =>
        Assert.That(Regex.Matches(PublishedText.Read(PublishedText.Readme), @"\]\((?!https?:)([^)#]+)")
            .Select(link => link.Groups[1].Value).Distinct(), Is.SubsetOf(new[] { "docs/settings.md", "docs/delivery.md", "benchmarks/README.md", "NLog.Targets.Loki.Testing/README.md", "CHANGELOG.md", "LICENSE" }));
}
