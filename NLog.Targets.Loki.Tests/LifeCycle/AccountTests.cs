using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading.Tasks;
using NLog.Targets.Loki.Testing;
using NLog.Targets.Loki.Tests.Support;
using NUnit.Framework;

namespace NLog.Targets.Loki.Tests.LifeCycle;

/// <summary>What is logged for one account is never sent as another, whatever a new configuration says meanwhile.</summary>
[Category("Account")]
public sealed class AccountTests : AccountScene
{
    private const string Variable = "LOKI_TESTS_ACCOUNT";

    private static readonly Dictionary<string, (Action<LokiTarget> Configure, string SentAs)> s_accounts = new()
    {
        ["nobody"] = (_ => { }, PushedLine.AccountOf()),
        ["user one"] = (User("one"), PushedLine.AccountOf("Basic one:secret")),
        ["user two"] = (User("two"), PushedLine.AccountOf("Basic two:secret")),
        ["user one of a tenant"] = (User("one", tenant: "shop"), PushedLine.AccountOf("Basic one:secret", "shop")),
        ["user one of another tenant"] = (User("one", tenant: "bank"), PushedLine.AccountOf("Basic one:secret", "bank")),
        ["user in the endpoint"] = (target => target.Endpoint = target.Endpoint!.Replace("http://", "http://three:secret@", StringComparison.Ordinal), PushedLine.AccountOf("Basic three:secret")),
        ["token a in the place of a password"] = (target => target.Endpoint = target.Endpoint!.Replace("http://", "http://:a@", StringComparison.Ordinal), PushedLine.AccountOf("Basic :a")),
        ["token b in the place of a password"] = (target => target.Endpoint = target.Endpoint!.Replace("http://", "http://:b@", StringComparison.Ordinal), PushedLine.AccountOf("Basic :b")),
        ["token a"] = (Token("a"), PushedLine.AccountOf("Bearer a")),
        ["token b"] = (Token("b"), PushedLine.AccountOf("Bearer b")),
        ["gateway key a"] = (Key("a"), PushedLine.AccountOf(key: "a")),
        ["gateway key b"] = (Key("b"), PushedLine.AccountOf(key: "b")),
    };

    [TearDown]
    public void ForgetVariable() => Environment.SetEnvironmentVariable(Variable, null);

    [TestCase("user one", "user two")]
    [TestCase("user one", "user in the endpoint")]
    [TestCase("user in the endpoint", "user one")]
    [TestCase("user one", "nobody")]
    [TestCase("nobody", "user one")]
    [TestCase("user one", "token a")]
    [TestCase("user one of a tenant", "user one of another tenant")]
    [TestCase("user one of a tenant", "user one")]
    [TestCase("token a in the place of a password", "token b in the place of a password")]
    [TestCase("token a in the place of a password", "nobody")]
    [TestCase("token a", "token b")]
    [TestCase("token a", "nobody")]
    [TestCase("token a", "user one")]
    [TestCase("gateway key a", "gateway key b")]
    [TestCase("gateway key a", "nobody")]
    public async Task Lines_that_wait_for_the_server_during_a_reload_are_pushed_as_whom_they_were_logged(string before, string after)
    {
        Down();
        var logging = Logging.With(As(s_accounts[before].Configure));
        Log(logging, "before", 20);
        await ReloadAsync(logging, As(s_accounts[after].Configure));
        Log(logging, "after", 20);
        Up();
        await ArriveAsync(logging);
        Assert.That(Senders()["before"], Is.EqualTo(new[] { s_accounts[before].SentAs }));
        Assert.That(Senders()["after"], Is.EqualTo(new[] { s_accounts[after].SentAs }));
        Ledgers.AssertBalance(logging.Statistics, 40, 40);
        Assert.That(Server.EntryCount, Is.EqualTo(40));
        await EndAsync(logging);
    }

    [Test]
    public async Task Two_users_who_take_turns_are_never_mixed_up()
    {
        Down();
        var logging = Logging.With(As(User("user0")));
        for (var turn = 0; turn < 6; turn++)
        {
            if (turn > 0)
                await ReloadAsync(logging, As(User("user" + (turn % 2))));
            Log(logging, "turn" + turn, 10);
        }

        Up();
        await ArriveAsync(logging);
        for (var turn = 0; turn < 6; turn++)
            Assert.That(Senders()["turn" + turn], Is.EqualTo(new[] { PushedLine.AccountOf($"Basic user{turn % 2}:secret") }), "turn " + turn);
        Ledgers.AssertBalance(logging.Statistics, 60, 60);
        Assert.That(Server.EntryCount, Is.EqualTo(60));
        await EndAsync(logging);
    }

    [Test]
    public async Task Two_targets_that_swap_their_users_and_swap_back_keep_the_lines_of_each()
    {
        Down();
        using var factory = new LogFactory { ThrowConfigExceptions = true };
        LokiTarget[] targets = [];
        for (var turn = 0; turn < 3; turn++)
        {
            targets = [As(User("user" + (turn % 2))), As(User("user" + ((turn + 1) % 2)))];
            targets[1].Name = "other";
            await ReloadAsync(factory, Each(factory, targets));
            factory.GetLogger("0").Info("loki" + turn);
            factory.GetLogger("1").Info("other" + turn);
        }

        Up();
        await MoveUntilAsync(() => targets.All(target => target.Statistics.Delivered == 3), "all lines", () => targets[0].Statistics + ", " + targets[1].Statistics);
        for (var turn = 0; turn < 3; turn++)
        {
            Assert.That(Senders()["loki" + turn], Is.EqualTo(new[] { PushedLine.AccountOf($"Basic user{turn % 2}:secret") }));
            Assert.That(Senders()["other" + turn], Is.EqualTo(new[] { PushedLine.AccountOf($"Basic user{(turn + 1) % 2}:secret") }));
        }

        foreach (var target in targets)
            Ledgers.AssertBalance(target.Statistics, 3, 3);
        Assert.That(Server.EntryCount, Is.EqualTo(6));
        await EndAsync(factory.Shutdown);
    }

    [Test]
    public async Task A_user_who_came_after_the_start_is_another_one_than_who_comes_after_a_reload()
    {
        Environment.SetEnvironmentVariable(Variable, null);
        Server.Faults.Respond(LokiFaults.Always, 401);
        var logging = Logging.With(As(User($"${{environment:{Variable}}}")));
        Log(logging, "first", 20);
        Environment.SetEnvironmentVariable(Variable, "alice");
        await Time.AdvanceUntilAsync(logging, () => Pushed("Basic alice:secret"), TimeSpan.FromSeconds(5), TimeSpan.FromMinutes(5), "a push as alice");
        Environment.SetEnvironmentVariable(Variable, null);
        await ReloadAsync(logging, As(User($"${{environment:{Variable}}}")));
        Log(logging, "second", 20);
        Environment.SetEnvironmentVariable(Variable, "bob");
        await Time.AdvanceUntilAsync(logging, () => Pushed("Basic bob:secret"), TimeSpan.FromSeconds(5), TimeSpan.FromMinutes(4), "a push as bob");
        Up();
        await ArriveAsync(logging);
        Environment.SetEnvironmentVariable(Variable, null);
        Assert.That(Senders()["first"], Has.None.EqualTo(PushedLine.AccountOf("Basic bob:secret")));
        Assert.That(Senders()["second"], Has.None.EqualTo(PushedLine.AccountOf("Basic alice:secret")));
        Ledgers.AssertBalance(logging.Statistics, 40, 40);
        Assert.That(Server.EntryCount, Is.EqualTo(40));
        await EndAsync(logging);

        bool Pushed(string account) => Senders().Values.Any(accounts => accounts.Contains(PushedLine.AccountOf(account)));
    }

    [Test]
    public async Task A_token_that_is_renewed_in_the_environment_is_the_same_account_and_its_lines_go_on_with_the_new_value()
    {
        Environment.SetEnvironmentVariable(Variable, "old");
        Down();
        var logging = Logging.With(As(Token($"${{environment:{Variable}}}")));
        Log(logging, "before", 20);
        await Time.AdvanceUntilAsync(logging, () => Server.PushCount > 0, TimeSpan.FromMilliseconds(500), TimeSpan.FromSeconds(5), "a push with the old token");
        Environment.SetEnvironmentVariable(Variable, "new");
        await ReloadAsync(logging, As(Token($"${{environment:{Variable}}}")));
        Log(logging, "after", 20);
        Up();
        Server.Faults.Add(new LokiFault { Status = 401 }, LokiFaults.Always, push => push.Headers["Authorization"] == "Bearer old");
        await ArriveAsync(logging);
        Assert.That(Senders()["before"], Is.EqualTo(new[] { PushedLine.AccountOf("Bearer new"), PushedLine.AccountOf("Bearer old") }));
        Assert.That(Senders()["after"], Is.EqualTo(new[] { PushedLine.AccountOf("Bearer new") }));
        Assert.That(Server.Entries.Select(entry => entry.Line), Is.EqualTo(Enumerable.Repeat("before", 20).Concat(Enumerable.Repeat("after", 20))), "one sender keeps their order");
        Ledgers.AssertBalance(logging.Statistics, 40, 40);
        await EndAsync(logging);
    }

    [Test]
    public async Task A_new_password_is_no_new_account_and_the_lines_of_the_user_go_on_with_it()
    {
        Server.Faults.Add(new LokiFault { Status = 401 }, LokiFaults.Always, push => push.Headers["Authorization"] == Basic("one:old"));
        var logging = Logging.With(As(User("one", "old")));
        Log(logging, "before", 20);
        await ReloadAsync(logging, As(User("one", "new")));
        await ArriveAsync(logging);
        Assert.That(Senders()["before"], Does.Contain(PushedLine.AccountOf("Basic one:new")));
        Ledgers.AssertBalance(logging.Statistics, 20, 20);
        Assert.That(Server.EntryCount, Is.EqualTo(20));
        await EndAsync(logging);
    }

    [Test]
    public async Task A_user_name_from_the_environment_that_changes_is_another_account()
    {
        Environment.SetEnvironmentVariable(Variable, "one");
        Down();
        var logging = Logging.With(As(User($"${{environment:{Variable}}}")));
        Log(logging, "before", 20);
        Environment.SetEnvironmentVariable(Variable, "two");
        await ReloadAsync(logging, As(User($"${{environment:{Variable}}}")));
        Log(logging, "after", 20);
        Up();
        await ArriveAsync(logging);
        Assert.That(Senders()["before"], Is.EqualTo(new[] { PushedLine.AccountOf("Basic one:secret") }));
        Assert.That(Senders()["after"], Is.EqualTo(new[] { PushedLine.AccountOf("Basic two:secret") }));
        Ledgers.AssertBalance(logging.Statistics, 40, 40);
        Assert.That(Server.EntryCount, Is.EqualTo(40));
        await EndAsync(logging);
    }

    [TestCase("two")]
    [TestCase(null)]
    public async Task Credentials_that_are_read_again_never_belong_to_another_user(string? next)
    {
        Environment.SetEnvironmentVariable(Variable, "one");
        var logging = Logging.With(As(User($"${{environment:{Variable}}}")));
        Server.Faults.Respond(1, 401);
        Environment.SetEnvironmentVariable(Variable, next);
        Log(logging, "line", 20);
        await ArriveAsync(logging);
        Assert.That(Senders()["line"], Is.EqualTo(new[] { PushedLine.AccountOf("Basic one:secret") }));
        Ledgers.AssertBalance(logging.Statistics, 20, 20);
        Assert.That(Server.EntryCount, Is.EqualTo(20));
        await EndAsync(logging);
    }

    [Test]
    public async Task A_token_that_is_gone_when_it_is_read_again_makes_nobody_of_its_user()
    {
        Environment.SetEnvironmentVariable(Variable, "a");
        var logging = Logging.With(As(Token($"${{environment:{Variable}}}")));
        Server.Faults.Respond(1, 401);
        Environment.SetEnvironmentVariable(Variable, null);
        Log(logging, "line", 20);
        await ArriveAsync(logging);
        Assert.That(Senders()["line"], Is.EqualTo(new[] { PushedLine.AccountOf("Bearer a") }));
        Ledgers.AssertBalance(logging.Statistics, 20, 20);
        Assert.That(Server.EntryCount, Is.EqualTo(20));
        await EndAsync(logging);
    }

    [Test]
    public async Task A_user_name_that_is_not_there_yet_is_used_once_it_is()
    {
        var logging = Logging.With(As(User($"${{environment:{Variable}}}")));
        Server.Faults.Respond(1, 401);
        Environment.SetEnvironmentVariable(Variable, "one");
        Log(logging, "line", 20);
        await ArriveAsync(logging);
        Assert.That(Senders()["line"], Is.EqualTo(new[] { PushedLine.AccountOf("Basic one:secret"), PushedLine.AccountOf() }));
        Ledgers.AssertBalance(logging.Statistics, 20, 20);
        await EndAsync(logging);
    }

    private static string Basic(string credentials) => "Basic " + Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(credentials));
}
