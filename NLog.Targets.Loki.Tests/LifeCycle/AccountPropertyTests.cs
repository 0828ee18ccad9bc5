using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Threading.Tasks;
using NLog.Targets.Loki.Testing;
using NLog.Targets.Loki.Tests.Support;
using NUnit.Framework;

namespace NLog.Targets.Loki.Tests.LifeCycle;

/// <summary>Random reloads over users, tenants, tokens and keys, with a server that comes and goes: no line is ever pushed as another account than its own.</summary>
[Category("Account")]
public sealed class AccountPropertyTests : AccountScene
{
    private const int Steps = 60;
    private const int Accounts = 10;
    private const string Variable = "LOKI_TESTS_RENEWED";

    /// <summary>Set it to the seed that a failure names, to run the same steps again.</summary>
    private const string SeedVariable = "LOKI_TEST_SEED";

    /// <summary>Another number of seeds, to search longer.</summary>
    private const string CountVariable = "LOKI_TEST_SEEDS";

    private readonly Dictionary<string, int> _accountOf = [];
    private readonly List<string> _renewed = [];
    private readonly List<string> _steps = [];
    private Random _random = null!;
    private Logging _logging = null!;
    private int _account;

    private static IEnumerable<int> Seeds => Enumerable.Range(1, Read(CountVariable) ?? 15);

    [TestCaseSource(nameof(Seeds))]
    public Task No_line_is_pushed_as_another_account(int seed) => RunAsync(seed);

    [Test]
    public Task No_line_is_pushed_as_another_account_with_a_new_seed() =>
        RunAsync(Read(SeedVariable) ?? Random.Shared.Next(1000, int.MaxValue));

    [TearDown]
    public void ForgetVariable() => Environment.SetEnvironmentVariable(Variable, null);

    private static int? Read(string variable) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    private async Task RunAsync(int seed)
    {
        await TestContext.Out.WriteLineAsync($"seed {seed}; the same steps again with {SeedVariable}={seed}");
        _accountOf.Clear();
        _renewed.Clear();
        _steps.Clear();
        _random = new Random(seed);
        Renew();
        _account = _random.Next(Accounts);
        _logging = Logging.With(Target(_account));
        try
        {
            for (var step = 0; step < Steps; step++)
                await StepAsync();
            Up();
            await ArriveAsync(_logging);
            Check();
            await EndAsync(_logging);
        }
        catch (Exception)
        {
            await TestContext.Out.WriteLineAsync(string.Join("\n", _steps));
            throw;
        }
    }

    private async Task StepAsync()
    {
        switch (_random.Next(10))
        {
            case < 4:
                for (var left = _random.Next(1, 6); left > 0; left--)
                {
                    var line = "line " + _accountOf.Count.ToString(CultureInfo.InvariantCulture);
                    _accountOf.Add(line, _account);
                    _logging.Logger().Log(_random.Next(2) == 0 ? LogLevel.Info : LogLevel.Warn, line);
                }

                _steps.Add($"{_accountOf.Count} lines logged");
                break;
            case < 7:
                _account = _random.Next(Accounts);
                _steps.Add($"reload to {_account}");
                await ReloadAsync(_logging, Target(_account));
                break;
            case 7:
                ChangeServer();
                break;
            case 8:
                Renew();
                break;
            default:
                var by = TimeSpan.FromMilliseconds(_random.Next(3000));
                _steps.Add($"{by} pass");
                await Time.AdvanceAsync(_logging, by, TimeSpan.FromMilliseconds(500));
                break;
        }
    }

    private void ChangeServer()
    {
        Server.Faults.Clear();
        var fault = _random.Next(4);
        _steps.Add($"fault {fault}");
        if (fault == 1)
            Server.Faults.Respond(LokiFaults.Always, 503);
        else if (fault == 2)
            Server.Faults.Respond(_random.Next(1, 10), 401);
        else if (fault == 3)
            Server.Faults.Abort(LokiFaults.Always);
    }

    private void Renew()
    {
        _renewed.Add("renewed" + _renewed.Count.ToString(CultureInfo.InvariantCulture));
        Environment.SetEnvironmentVariable(Variable, _renewed[^1]);
        _steps.Add("the token in the environment is " + _renewed[^1]);
    }

    // The password of a user is another one each time, and so is the time that old lines have to arrive.
    private LokiTarget Target(int account)
    {
        var tenant = (account % 3) switch { 1 => "t1", 2 => "t2", _ => null };
        var target = As(account switch
        {
            < 6 => User("user" + (account / 3), "secret" + _random.Next(3), tenant),
            6 => Token("a"),
            7 => Token("b"),
            8 => Token($"${{environment:{Variable}}}"),
            _ => Key("k"),
        });
        target.CloseTimeoutSeconds = _random.Next(3) == 0 ? 1 : 300;
        return target;
    }

    private IEnumerable<string> SentAs(int account) => account switch
    {
        < 6 => Enumerable.Range(0, 3).Select(secret => PushedLine.AccountOf($"Basic user{account / 3}:secret{secret}", (account % 3) switch { 1 => "t1", 2 => "t2", _ => "" })),
        6 => [PushedLine.AccountOf("Bearer a")],
        7 => [PushedLine.AccountOf("Bearer b")],
        8 => _renewed.Select(token => PushedLine.AccountOf("Bearer " + token)),
        _ => [PushedLine.AccountOf(key: "k")],
    };

    private void Check()
    {
        var pushed = PushedLine.Of(Server);
        Assert.That(pushed.Where(line => !SentAs(_accountOf[line.Line]).Contains(line.Account)), Is.Empty);
        var statistics = _logging.Statistics;
        TestContext.Out.WriteLine($"{pushed.Count} lines in pushes, {statistics}");
        Ledgers.AssertBalance(statistics, _accountOf.Count, Server.EntryCount, dropped: statistics.CountOf(LokiDropReason.Closed));
        Assert.That(Server.Entries.Select(entry => entry.Line), Is.Unique);
    }
}
