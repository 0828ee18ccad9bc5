using System;
using System.Diagnostics;
using System.Linq;
using System.Reflection;
using System.Threading.Tasks;
using NLog.Targets.Loki.Testing;
using NUnit.Framework;

namespace NLog.Targets.Loki.Tests.Docs;

/// <summary>The quick start as a process of its own, before servers as people have them.</summary>
public sealed class QuickStartTests
{
    private static readonly TimeSpan s_ceiling = TimeSpan.FromSeconds(90);

    [TestCase(true, "shop", "shop")]
    [TestCase(false, "", "fake")]
    public async Task It_finds_everything_that_it_logged(bool authEnabled, string named, string tenant)
    {
        await using var server = await LokiTestServer.StartAsync(new() { AuthEnabled = authEnabled });
        var (exitCode, output, errors) = await RunAsync(server.Url.ToString(), named);
        Assert.That(exitCode, Is.Zero, errors);
        Assert.That(output, Does.Contain("Equal: logged 10,001 = emitted 10,001 = delivered 10,001 = stored 10,001."));
        Assert.That(server.Entries.Select(entry => entry.Tenant), Has.Exactly(10_001).EqualTo(tenant));
        Assert.That(errors, Is.Empty);
    }

    [TestCase("", "answers \"401 no org id\": set LOKI_TENANT ")]
    [TestCase("a b", "contains unsupported character ' '\": set LOKI_TENANT ")]
    public async Task Without_a_tenant_that_Loki_takes_it_says_what_to_set_and_logs_nothing(string named, string said)
    {
        await using var server = await LokiTestServer.StartAsync(new() { AuthEnabled = true });
        var (exitCode, output, errors) = await RunAsync(server.Url.ToString(), named);
        Assert.That(exitCode, Is.EqualTo(1));
        Assert.That(errors, Does.Contain(said));
        Assert.That(errors.TrimEnd().Split('\n'), Has.Length.EqualTo(1), "one line and no stack trace");
        Assert.That(output, Is.Empty);
        Assert.That(server.PushCount, Is.Zero);
    }

    private static async Task<(int ExitCode, string Output, string Errors)> RunAsync(string url, string tenant)
    {
        var program = typeof(QuickStartTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(data => data.Key == "QuickStart").Value!;
        var start = new ProcessStartInfo("dotnet", [program])
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
            UseShellExecute = false,

            // Where NLog looks for a configuration first, when there is one: the program must bring its own.
            WorkingDirectory = TestContext.CurrentContext.WorkDirectory,
        };
        start.Environment["LOKI_URL"] = url;
        start.Environment["LOKI_TENANT"] = tenant;
        start.Environment.Remove("LOKI_TOKEN");
        using var process = Process.Start(start)!;
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        try
        {
            await process.WaitForExitAsync().WaitAsync(s_ceiling);
        }
        finally
        {
            if (!process.HasExited)
                process.Kill();
        }

        return (process.ExitCode, await output, await errors);
    }
}
