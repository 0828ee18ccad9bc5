using System;
using System.Threading.Tasks;
using NLog.Targets.Loki.Integration;
using NUnit.Framework;

namespace NLog.Targets.Loki.Tests.Integration;

/// <summary>What the end of NLog waits for, which nothing from outside can hold up at the right moment.</summary>
public sealed class TargetAccountTests
{
    [Test]
    public void The_end_waits_for_every_target_of_the_name_that_closed_not_only_for_the_last_one()
    {
        var account = new TargetAccount("loki", TimeProvider.System, (_, _) => { });
        var (slow, quick) = (new TaskCompletionSource(), new TaskCompletionSource());
        account.AddClosing(slow.Task);
        account.AddClosing(quick.Task);
        quick.SetResult();
        Assert.That(account.Closing.IsCompleted, Is.False);
        slow.SetResult();
        Assert.That(account.Closing.Wait(TimeSpan.FromSeconds(20)));
    }
}
