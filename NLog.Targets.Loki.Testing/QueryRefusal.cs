using System;

namespace NLog.Targets.Loki.Testing;

/// <summary>Refuses a query.</summary>
internal sealed class QueryRefusal(string text) : Exception(text);
