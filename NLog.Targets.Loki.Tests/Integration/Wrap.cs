using System;
using System.Collections.Generic;
using System.Linq;
using NLog.Targets.Wrappers;

namespace NLog.Targets.Loki.Tests.Integration;

/// <summary>One of NLog's wrappers or groups, with settings, and how it is put around a target.</summary>
/// <param name="Name">What a test is named after.</param>
/// <param name="Around">Puts it around.</param>
/// <param name="PassesAll">Whether each event that comes in goes on exactly once.</param>
/// <param name="Repeats">How often an event goes on at most.</param>
internal sealed record Wrap(string Name, Func<Target, Target> Around, bool PassesAll = false, int Repeats = 1)
{
    /// <summary>Each wrapper and each group of NLog, in every place that a target can have in it, and with each way to overflow.</summary>
    public static IReadOnlyList<Wrap> All { get; } =
    [
        new("AsyncWrapper, Discard", target => Async(target, AsyncTargetWrapperOverflowAction.Discard)),
        new("AsyncWrapper, Grow", target => Async(target, AsyncTargetWrapperOverflowAction.Grow), PassesAll: true),
        new("AsyncWrapper, Block", target => Async(target, AsyncTargetWrapperOverflowAction.Block), PassesAll: true),
        new("AsyncWrapper, unhurried", Unhurried, PassesAll: true),
        new("AutoFlushWrapper", AutoFlush, PassesAll: true),
        new("BufferingWrapper, sliding", target => Buffering(target, isSliding: true, BufferingTargetWrapperOverflowAction.Flush), PassesAll: true),
        new("BufferingWrapper, fixed", target => Buffering(target, isSliding: false, BufferingTargetWrapperOverflowAction.Flush), PassesAll: true),
        new("BufferingWrapper, Discard", target => Buffering(target, isSliding: false, BufferingTargetWrapperOverflowAction.Discard)),
        new("FallbackGroup, first", target => new FallbackGroupTarget(target, Beside()), PassesAll: true),
        new("FallbackGroup, second", target => new FallbackGroupTarget(Beside(), target)),
        new("FilteringWrapper", target => new FilteringTargetWrapper(target, "level >= LogLevel.Error")),
        new("GroupByWrapper", target => new GroupByTargetWrapper("", target, "${level}"), PassesAll: true),
        new("LimitingWrapper", target => new LimitingTargetWrapper(target, 50, TimeSpan.FromHours(1))),
        new("PostFilteringWrapper", PostFiltering),
        new("RandomizeGroup", target => new RandomizeGroupTarget(target, Beside())),
        new("RepeatingWrapper", target => new RepeatingTargetWrapper(target, 2), Repeats: 2),
        new("RetryingWrapper", target => new RetryingTargetWrapper(target, 3, 1), PassesAll: true),
        new("RoundRobinGroup", target => new RoundRobinGroupTarget(Beside(), target)),
        new("SplitGroup", target => new SplitGroupTarget(Beside(), target), PassesAll: true),
    ];

    /// <summary>The types that <see cref="All"/> must have.</summary>
    public static IEnumerable<Type> TypesOfNLog => typeof(Target).Assembly.GetExportedTypes()
        .Where(type => !type.IsAbstract && (type.IsSubclassOf(typeof(WrapperTargetBase)) || type.IsSubclassOf(typeof(CompoundTargetBase))));

    public override string ToString() => Name;

    private static AsyncTargetWrapper Async(Target target, AsyncTargetWrapperOverflowAction overflow) => new(target, 40, overflow) { BatchSize = 20 };

    private static AsyncTargetWrapper Unhurried(Target target) => new(target, 10_000, AsyncTargetWrapperOverflowAction.Discard) { TimeToSleepBetweenBatches = 30 };

    private static BufferingTargetWrapper Buffering(Target target, bool isSliding, BufferingTargetWrapperOverflowAction overflow) =>
        new(target, 30, 20, overflow) { SlidingTimeout = isSliding };

    // Asynchronous, it waits for ever for an event that a queue behind it discarded, and so does each flush of NLog's.
    private static AutoFlushTargetWrapper AutoFlush(Target target) => new(target) { Condition = "level >= LogLevel.Error", AsyncFlush = false };

    private static PostFilteringTargetWrapper PostFiltering(Target target) => new(target)
    {
        DefaultFilter = "level >= LogLevel.Warn",
        Rules = { new FilteringRule("level >= LogLevel.Error", "level >= LogLevel.Info") },
    };

    private static NullTarget Beside() => new();
}
