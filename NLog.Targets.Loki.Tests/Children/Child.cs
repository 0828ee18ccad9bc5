using System;
using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Threading.Tasks;

namespace NLog.Targets.Loki.Tests.Children;

/// <summary>One process of the child program that runs as an application, and never outlives its test.</summary>
internal sealed class Child : IAsyncDisposable
{
    public const int Interrupt = 2;
    public const int Kill = 9;
    public const int Terminate = 15;
    public const int Continue = 18;
    public const int Stop = 19;

    private static readonly TimeSpan s_ceiling = TimeSpan.FromSeconds(90);

    private readonly Process _process;
    private readonly Task<string> _errors;

    private Child(Process process)
    {
        _process = process;
        _errors = process.StandardError.ReadToEndAsync();
    }

    public bool HasExited => _process.HasExited;

    public int Id => _process.Id;

    /// <summary>Starts an application that logs to this endpoint and obeys these commands first.</summary>
    public static Child Start(Uri endpoint, string attributes, params string[] commands) => Start([endpoint.ToString(), attributes, .. commands]);

    /// <summary>Starts an application with a LogFactory for each of these configurations, which obeys these commands first.</summary>
    public static Child Configured(string[] configurations, params string[] commands) =>
        Start([ConfiguredApplication.Word, string.Join(ConfiguredApplication.Next, configurations), .. commands]);

    /// <summary>Starts one that obeys, and returns from Main if no command ended it before.</summary>
    public static async Task<ChildEnd> RunAsync(Uri endpoint, string attributes, params string[] commands)
    {
        await using var child = Start(endpoint, attributes, commands);
        return await child.EndAsync();
    }

    /// <summary>Gives a command and awaits its answer.</summary>
    public async Task<string> AskAsync(string command)
    {
        await _process.StandardInput.WriteLineAsync(command);
        await _process.StandardInput.FlushAsync();
        return await _process.StandardOutput.ReadLineAsync().WaitAsync(s_ceiling)
            ?? throw new InvalidOperationException($"the child ended instead of answering {command}: {await _errors}");
    }

    /// <summary>Gives a command that ends it, which no answer follows.</summary>
    public void Tell(string command)
    {
        _process.StandardInput.WriteLine(command);
        _process.StandardInput.Flush();
    }

    public void Signal(int signal) => SendSignal(_process.Id, signal);

    /// <summary>Lets it return from Main, if it still runs, and awaits its end.</summary>
    public async Task<ChildEnd> EndAsync()
    {
        try
        {
            _process.StandardInput.Close();
        }
        catch (System.IO.IOException)
        {
            // It is gone already.
        }

        await _process.WaitForExitAsync().WaitAsync(s_ceiling);
        return new ChildEnd(_process.ExitCode, await _errors);
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            _process.Kill();
        await _errors;
        _process.Dispose();
    }

    private static Child Start(string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet")
        {
            RedirectStandardInput = true,
            RedirectStandardError = true,
            RedirectStandardOutput = true,
            UseShellExecute = false,
        };
        start.ArgumentList.Add(typeof(Child).Assembly.Location);
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        return new Child(Process.Start(start)!);
    }

    [DllImport("libc", EntryPoint = "kill")]
    private static extern int SendSignal(int process, int signal);
}
