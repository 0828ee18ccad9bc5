namespace NLog.Targets.Loki.Tests.Children;

/// <summary>How a child ended: its exit code (128 and the number of a signal that killed it), and its standard error.</summary>
internal sealed record ChildEnd(int ExitCode, string Errors);
