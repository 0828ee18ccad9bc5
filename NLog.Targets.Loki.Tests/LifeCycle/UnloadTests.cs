using System;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.Loader;
using System.Threading.Tasks;
using NLog.Targets.Loki.Tests.Children;
using NLog.Targets.Loki.Tests.Support;
using NUnit.Framework;

namespace NLog.Targets.Loki.Tests.LifeCycle;

/// <summary>A plugin that logs can be unloaded: once its NLog has ended, nothing of the target holds the plugin's assemblies.</summary>
[Category("Close")]
[FixtureLifeCycle(NUnit.Framework.LifeCycle.InstancePerTestCase)]
[Parallelizable(ParallelScope.Children)]
public sealed class UnloadTests : ServerTests
{
    private const int Times = 3;
    private const int CeilingSeconds = 20;

    [TestCase("none", "dispose")]
    [TestCase("none", "shutdown")]
    [TestCase("none", "own dispose")]
    [TestCase("loki", "dispose")]
    [TestCase("loki", "shutdown")]
    [TestCase("loki", "own dispose")]
    [TestCase("loki", "own shutdown")]
    [TestCase("misconfigured", "dispose")]
    [TestCase("misconfigured", "own dispose")]
    public async Task A_plugin_whose_logging_has_ended_is_unloaded(string target, string end)
    {
        for (var time = 1; time <= Times; time++)
            Assert.That(await IsUnloadedAsync(Use(target, end)), Is.True, $"{time} of {Times}: something holds the context");
        Assert.That(Server.EntryCount, Is.EqualTo(target == "loki" ? Times : 0));
    }

    [Test]
    public async Task A_plugin_that_never_ends_its_logging_is_held_by_NLog_if_at_all()
    {
        var (withoutTarget, withTarget) = (Use("none", "nothing"), Use("loki", "nothing"));
        Assert.That(Server.EntryCount, Is.EqualTo(1));
        var unloads = await IsUnloadedAsync(withoutTarget, ceilingSeconds: 3);
        await TestContext.Out.WriteLineAsync("without the target it is " + (unloads ? "unloaded" : "held"));
        Assert.That(!unloads || await IsUnloadedAsync(withTarget), Is.True, "NLog lets it go, and the target does not");
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Run(PrivateContext context, string endpoint, string target, string end)
    {
        var application = context.LoadTests().GetType(typeof(UnloadedApplication).FullName!)!;
        application.GetMethod(nameof(UnloadedApplication.Run), BindingFlags.Public | BindingFlags.Static)!.Invoke(null, [endpoint, target, end]);
    }

    private static async Task<bool> IsUnloadedAsync(WeakReference context, int ceilingSeconds = CeilingSeconds)
    {
        try
        {
            await Wait.UntilAsync(
                () =>
                {
                    GC.Collect();
                    GC.WaitForPendingFinalizers();
                    return !context.IsAlive;
                },
                "the end of a context", ceilingSeconds, tickMilliseconds: 50);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    // On a thread of its own, whose statics end with it; the test's own threads keep nothing that the context's code left on them.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private WeakReference Use(string target, string end)
    {
        var endpoint = Server.Url.ToString();
        WeakReference? reference = null;
        Exception? failure = null;
        var thread = new System.Threading.Thread(() =>
        {
            try
            {
                var context = new PrivateContext();
                reference = new WeakReference(context, trackResurrection: true);
                Run(context, endpoint, target, end);
                ((AssemblyLoadContext)context).Unload();
            }
            catch (Exception error)
            {
                failure = error;
            }
        });
        thread.Start();
        thread.Join();
        Assert.That(failure, Is.Null);
        return reference!;
    }
}
