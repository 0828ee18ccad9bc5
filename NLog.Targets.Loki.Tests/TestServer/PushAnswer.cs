namespace NLog.Targets.Loki.Tests.TestServer;

/// <summary>Status and body of an answer, the body with its final newline.</summary>
internal sealed record PushAnswer(int Status, string Body);
