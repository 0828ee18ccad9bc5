using System;
using System.Diagnostics;
using System.Threading.Tasks;

namespace NLog.Targets.Loki.Tests.Children;

/// <summary>Owns one run of the child program.</summary>
internal sealed record Child(int ExitCode, TimeSpan Elapsed, string Errors)
{
    public static async Task<Child> RunAsync(string ending, string endpoint, int count)
    {
        var start = new ProcessStartInfo("dotnet")
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
            UseShellExecute = false,
        };
        start.ArgumentList.Add(typeof(Child).Assembly.Location);
        start.ArgumentList.Add(ending);
        start.ArgumentList.Add(endpoint);
        start.ArgumentList.Add(count.ToString(System.Globalization.CultureInfo.InvariantCulture));
        var watch = Stopwatch.StartNew();
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(60));
        await output;
        return new Child(process.ExitCode, watch.Elapsed, await errors);
    }
}
