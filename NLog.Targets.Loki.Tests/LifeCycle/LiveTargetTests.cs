using System;
using System.Linq;
using System.Threading.Tasks;
using NLog.Config;
using NLog.Targets.Loki.Tests.Support;
using NUnit.Framework;

namespace NLog.Targets.Loki.Tests.LifeCycle;

/// <summary>Two targets that are alive at once have a sender each, whatever they have in common.</summary>
[Category("Account")]
public sealed class LiveTargetTests : AccountScene
{
    [TestCase(null)]
    [TestCase("loki")]
    public async Task Two_targets_of_one_name_or_none_push_as_their_own_users_and_count_together(string? name)
    {
        var (a, b) = (As(User("a")), As(User("b")));
        (a.Name, b.Name) = (name!, name!);
        using var factory = new LogFactory { ThrowConfigExceptions = true };
        factory.Configuration = Each(factory, a, b);
        for (var i = 0; i < 10; i++)
        {
            factory.GetLogger("0").Info("a");
            factory.GetLogger("1").Info("b");
        }

        await MoveUntilAsync(() => a.Statistics.Delivered == 20, "all lines", () => a.Statistics);
        Assert.That(Senders()["a"], Is.EqualTo(new[] { PushedLine.AccountOf("Basic a:secret") }));
        Assert.That(Senders()["b"], Is.EqualTo(new[] { PushedLine.AccountOf("Basic b:secret") }));
        Ledgers.AssertBalance(a.Statistics, 20, 20);
        Assert.That(b.Statistics.Delivered, Is.EqualTo(20), "counters belong to the name");
        Assert.That(Server.EntryCount, Is.EqualTo(20));
        await EndAsync(factory.Shutdown);
    }

    [Test]
    public async Task Each_of_two_targets_of_one_name_keeps_its_own_settings_though_they_push_as_one_user()
    {
        var (a, b) = (As(User("one")), As(User("one")));
        b.TaskDelayMilliseconds = 600_000;
        using var factory = new LogFactory { ThrowConfigExceptions = true };
        factory.Configuration = Each(factory, a, b);
        factory.GetLogger("0").Info("soon");
        factory.GetLogger("1").Info("later");
        await Wait.UntilAsync(() => a.Statistics is { Emitted: 2, Queued: 0 }, "the hand-over");
        Time.Advance(TimeSpan.FromSeconds(1));
        await Server.WaitForEntriesAsync(1, TimeSpan.FromSeconds(30));
        Assert.That(Server.Entries.Select(entry => entry.Line), Is.EqualTo(new[] { "soon" }));
        await EndAsync(factory.Shutdown);
        Ledgers.AssertBalance(a.Statistics, 2, 2);
        Assert.That(Server.EntryCount, Is.EqualTo(2));
    }

    [Test]
    public async Task What_two_targets_of_one_name_hold_at_a_reload_goes_on_with_their_successors()
    {
        Down();
        using var factory = new LogFactory { ThrowConfigExceptions = true };
        LokiTarget[] targets = [];
        for (var turn = 0; turn < 2; turn++)
        {
            targets = [As(User("a")), As(User("b"))];
            await ReloadAsync(factory, Each(factory, targets));
            factory.GetLogger("0").Info("a");
            factory.GetLogger("1").Info("b");
            await Wait.UntilAsync(() => EmptyQueue.Of(targets[0]), "the hand-over");
        }

        Up();
        await MoveUntilAsync(() => targets[0].Statistics.Delivered == 4, "all lines", () => targets[0].Statistics);
        Assert.That(Senders()["a"], Is.EqualTo(new[] { PushedLine.AccountOf("Basic a:secret") }));
        Assert.That(Senders()["b"], Is.EqualTo(new[] { PushedLine.AccountOf("Basic b:secret") }));
        Ledgers.AssertBalance(targets[0].Statistics, 4, 4);
        Assert.That(Server.EntryCount, Is.EqualTo(4));
        await EndAsync(factory.Shutdown);
    }

    [Test]
    public async Task A_configuration_that_is_installed_while_another_is_in_use_leaves_its_lines_alone()
    {
        var logging = Logging.With(As(User("one")));
        Log(logging, "before", 20);
        var target = As(User("two"));
        var configuration = With(logging, target);
        // NLog initialises the targets of a configuration that it installs; the old ones are not closed yet.
        configuration.Install(new InstallationContext());
        Log(logging, "meanwhile", 20);
        await ArriveAsync(logging);
        await ReloadAsync(logging.Factory, configuration);
        Log(logging, "after", 20);
        await ArriveAsync(logging);
        Assert.That(Senders()["before"].Concat(Senders()["meanwhile"]).Distinct(), Is.EqualTo(new[] { PushedLine.AccountOf("Basic one:secret") }));
        Assert.That(Senders()["after"], Is.EqualTo(new[] { PushedLine.AccountOf("Basic two:secret") }));
        Ledgers.AssertBalance(logging.Statistics, 60, 60);
        Assert.That(Server.EntryCount, Is.EqualTo(60));
        await EndAsync(logging);
    }

    [Test]
    public async Task Targets_of_one_name_in_two_factories_have_nothing_in_common()
    {
        Down();
        var (first, second) = (Logging.With(As(User("one"))), Logging.With(As(User("two"))));
        Log(first, "first", 20);
        Log(second, "second", 20);
        await ReloadAsync(first, As(User("one")));
        await ReloadAsync(second, As(User("two")));
        Up();
        await ArriveAsync(first);
        await ArriveAsync(second);
        Assert.That(Senders()["first"], Is.EqualTo(new[] { PushedLine.AccountOf("Basic one:secret") }));
        Assert.That(Senders()["second"], Is.EqualTo(new[] { PushedLine.AccountOf("Basic two:secret") }));
        Ledgers.AssertBalance(first.Statistics, 20, 20);
        Ledgers.AssertBalance(second.Statistics, 20, 20);
        Assert.That(Server.EntryCount, Is.EqualTo(40));
        await EndAsync(first);
        await EndAsync(second);
    }
}
