using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;

namespace Costs;

/// <summary>Another process of this executable: one line in, one line out. It ends when its standard input does.</summary>
internal class ChildProcess : IDisposable
{
    private readonly Process _process;

    public ChildProcess(bool isFullyCompiled, params IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true };
        if (isFullyCompiled)
            start.Environment["DOTNET_TieredCompilation"] = "0";
        _process = Process.Start(start)!;
    }

    public string Read() => _process.StandardOutput.ReadLine() ?? throw new EndOfStreamException("a child process ended; standard error says why");

    public void Write(string line)
    {
        _process.StandardInput.WriteLine(line);
        _process.StandardInput.Flush();
    }

    public string Ask(string line)
    {
        Write(line);
        return Read();
    }

    /// <summary>Ends it at once, as a server that crashes.</summary>
    public void Kill()
    {
        _process.Kill();
        _process.WaitForExit();
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.StandardInput.Close();
            if (!_process.WaitForExit(5000))
                _process.Kill();
        }

        _process.Dispose();
    }
}
