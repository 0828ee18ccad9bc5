using System.Collections.Generic;
using NLog.Targets.Loki.Batching;

namespace NLog.Targets.Loki.Delivery;

/// <summary>What was true when a request began: gates as they stood, flushes that wait for it.</summary>
internal readonly record struct SendAttempt(int Endpoint, int Tenant, int Stream, List<FlushTicket> Tickets);
