using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading.Tasks;
using NUnit.Framework;

namespace NLog.Targets.Loki.Tests.Faults;

/// <summary>
/// Every row under the same invariant: the fault fired, the ledger balances at every step, each line is stored once or counted under the
/// expected reason, in order within its stream, with a bounded number of requests and of words in the internal log.
/// </summary>
[NonParallelizable]
public sealed class FaultMatrixTests
{
    private static IEnumerable<TestCaseData> Rows =>
        AnswerRows.All.Concat(NetworkRows.All).Select(row => new TestCaseData(row).SetName("{m}(" + row + ")").SetCategory(row.Id).SetCategory("Fault"));

    [TestCaseSource(nameof(Rows))]
    public async Task Lines_arrive_once_or_are_counted(object data)
    {
        var row = (FaultRow)data;
        await using var scene = await FaultScene.StartAsync(row);
        scene.Log(10);
        await scene.AdvanceUntilDeliveredAsync();
        row.Provoke(scene);
        scene.Log(row.Events);
        await scene.AdvanceAsync(row.Lasts);
        row.Heal(scene);
        await scene.AdvanceUntilDeliveredAsync();
        scene.Log(10);
        await scene.AdvanceUntilDeliveredAsync();
        TestContext.Out.WriteLine(scene.Statistics);
        foreach (var line in scene.Said)
            TestContext.Out.WriteLine(line);
        scene.AssertEnd();
    }
}
