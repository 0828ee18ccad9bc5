using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using NUnit.Framework;

namespace NLog.Targets.Loki.Tests.House;

/// <summary>The rooms of docs/architecture.md use each other one way. The assembly is read, not the source: a using says little.</summary>
public sealed class RoomTests
{
    private const string Root = "NLog.Targets.Loki";

    // Each room and those that it may use; through them, those that they may use.
    private static readonly Dictionary<string, string[]> s_arrows = new()
    {
        ["Integration"] = ["Rendering", "Delivery", "Connection"],
        ["Rendering"] = ["Batching"],
        ["Delivery"] = ["Connection", "Batching"],
        ["Connection"] = ["Batching"],
        ["Batching"] = ["Encoding", "Diagnostics"],
        ["Diagnostics"] = ["Contract"],
        ["Contract"] = ["Encoding"],
        ["Encoding"] = [],
    };

    // The public contract stays in the root namespace; the other types there are the edge to NLog.
    private static readonly HashSet<string> s_publicContract =
    [
        nameof(LokiDiagnostics), nameof(LokiDropReason), nameof(LokiDropReasons), nameof(LokiFormat), nameof(LokiLevelPlacement),
        nameof(LokiLineOverflow), nameof(LokiStatistics),
    ];

    [Test]
    public void Rooms_use_each_other_one_way()
    {
        var uses = Uses().ToList();
        Assert.That(uses.Select(use => use.FromRoom).Distinct(), Is.EquivalentTo(s_arrows.Keys), "every room uses another or itself, and there is no other");
        Assert.That(uses, Has.Count.GreaterThan(200), "there is something to look at");
        Assert.That(
            uses.Where(use => use.FromRoom != use.ToRoom && !Below(use.FromRoom).Contains(use.ToRoom))
                .Select(use => $"{use.FromRoom} -> {use.ToRoom}: {use.From} uses {use.To}"),
            Is.Empty);
    }

    [Test]
    public void No_arrow_leads_back_to_where_it_began() =>
        Assert.That(s_arrows.Keys.Where(room => Below(room).Contains(room)), Is.Empty);

    [Test]
    public void Only_the_room_at_the_edge_and_rendering_know_events_of_NLog()
    {
        var offenders = typeof(LokiTarget).Assembly.GetTypes()
            .Where(type => RoomOf(type.FullName!) is not ("Integration" or "Rendering"))
            .SelectMany(type => type.GetMethods(System.Reflection.BindingFlags.Instance | System.Reflection.BindingFlags.Static | System.Reflection.BindingFlags.NonPublic
                | System.Reflection.BindingFlags.Public | System.Reflection.BindingFlags.DeclaredOnly))
            .Where(method => method.GetParameters().Any(parameter => parameter.ParameterType == typeof(LogEventInfo)))
            // NLog calls a layout with the event; a counter does not look at it.
            .Where(method => method.DeclaringType!.BaseType != typeof(NLog.Layouts.Layout));
        Assert.That(offenders, Is.Empty);
    }

    [Test]
    public void The_page_shows_the_arrows_that_are_tested()
    {
        var page = File.ReadAllLines(Path.Combine(AppContext.BaseDirectory, "Published", "architecture.md"));
        var rows = page.Where(line => line.StartsWith("| `", StringComparison.Ordinal) && line.Contains('/', StringComparison.Ordinal))
            .Select(line => line.Split('|', StringSplitOptions.TrimEntries))
            .Where(cells => s_arrows.ContainsKey(cells[1].Trim('`', '/')))
            .ToDictionary(cells => cells[1].Trim('`', '/'), cells => cells[2].Split(", ", StringSplitOptions.RemoveEmptyEntries).Where(name => name != "-").ToArray());
        Assert.That(rows, Is.EquivalentTo(s_arrows));
    }

    private static IEnumerable<(string From, string FromRoom, string To, string ToRoom)> Uses() =>
        from use in new RoomArrows(typeof(LokiTarget).Assembly.Location).Uses
        let rooms = (From: RoomOf(use.From), To: RoomOf(use.To))
        where rooms.From is not null && rooms.To is not null
        select (use.From, rooms.From, use.To, rooms.To);

    private static string? RoomOf(string type)
    {
        var parts = type.StartsWith(Root + ".", StringComparison.Ordinal) ? type[(Root.Length + 1)..].Split('.') : null;
        // What the compiler and netstandard2.0 add belongs to no room.
        if (parts is null)
            return null;
        return parts.Length > 1 ? parts[0] : s_publicContract.Contains(parts[0]) ? "Contract" : "Integration";
    }

    private static HashSet<string> Below(string room)
    {
        var found = new HashSet<string>();
        var next = new Stack<string>(s_arrows[room]);
        while (next.TryPop(out var below))
        {
            if (found.Add(below))
                Array.ForEach(s_arrows[below], next.Push);
        }

        return found;
    }
}
