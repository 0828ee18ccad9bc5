using System.Collections.Generic;
using System.Linq;
using System.Threading.Tasks;
using NUnit.Framework;

namespace NLog.Targets.Loki.Tests.Faults;

/// <summary>
/// Every row under the same invariant: the fault fired, the ledger balances at every step, each line is stored once or counted under the
/// expected reason, in order within its stream, with a bounded number of requests, growth of memory and words in the internal log.
/// </summary>
[NonParallelizable]
public sealed class FaultMatrixTests
{
    internal static IReadOnlyList<FaultRow> All { get; } = [.. NetworkRows.All, .. WireRows.All, .. TlsRows.All, .. AnswerRows.All, .. RefusalRows.All, .. PacingRows.All, .. EventRows.All, .. ClockRows.All];

    private static IEnumerable<TestCaseData> Rows => All.Select(row =>
    {
        var data = new TestCaseData(row).SetName("{m}(" + row + ")").SetCategory("Fault");
        foreach (var id in row.Id.Split(' '))
            data.SetCategory(id);
        return data;
    });

    [TestCaseSource(nameof(Rows))]
    public async Task Lines_arrive_once_or_are_counted(object data)
    {
        var row = (FaultRow)data;
        await using var scene = await FaultScene.StartAsync(row);
        if (row.Before > 0)
        {
            scene.Log(row.Before);
            await scene.AdvanceUntilDeliveredAsync();
        }

        row.Provoke(scene);
        await scene.SufferAsync();
        row.Heal(scene);
        await scene.AdvanceUntilDeliveredAsync();
        scene.Log(10);
        await scene.AdvanceUntilDeliveredAsync();
        TestContext.Out.WriteLine($"{scene.Statistics} resent={scene.Statistics.Resent}");
        foreach (var line in scene.Said)
            TestContext.Out.WriteLine(line);
        scene.AssertEnd();
    }
}
