namespace NLog.Targets.Loki.Testing;

/// <summary>What became of a part of a push that was refused while the rest went on.</summary>
internal readonly record struct StreamRefusal(int Status, string Text);
