using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Threading.Tasks;
using NLog.Config;
using NLog.Targets.Loki.Testing;
using NLog.Targets.Loki.Tests.Support;

namespace NLog.Targets.Loki.Tests.LifeCycle;

/// <summary>What each test of accounts starts with: a server that shows as whom each line came, and targets of several accounts.</summary>
public abstract class AccountScene : LifeCycleScene
{
    protected override bool KeepsBodies => true;

    /// <summary>A target whose old lines have five minutes of the test's clock to arrive after a reload.</summary>
    private protected LokiTarget As(Action<LokiTarget>? account = null)
    {
        var target = Target();
        target.CloseTimeoutSeconds = 300;
        target.Layout = "${message}";
        account?.Invoke(target);
        return target;
    }

    private protected static Action<LokiTarget> User(string name, string password = "secret", string? tenant = null) => target =>
        (target.Username, target.Password, target.Tenant) = (name, password, tenant);

    private protected static Action<LokiTarget> Token(string token) => target => target.BearerToken = token;

    private protected static Action<LokiTarget> Key(string key) => target => target.Headers.Add(new LokiHeader { Name = "X-Key", Layout = key });

    private protected static void Log(Logging logging, string line, int count)
    {
        for (var i = 0; i < count; i++)
            logging.Logger().Info(line);
    }

    /// <summary>A configuration in which each target has the logger of its number: "0", "1" and so on.</summary>
    private protected static LoggingConfiguration Each(LogFactory factory, params LokiTarget[] targets)
    {
        var configuration = new LoggingConfiguration(factory);
        for (var i = 0; i < targets.Length; i++)
            configuration.AddRuleForAllLevels(targets[i], i.ToString(CultureInfo.InvariantCulture));
        return configuration;
    }

    private protected Task ReloadAsync(Logging logging, LokiTarget target) => EndAsync(() => logging.Reload(target));

    private protected Task ReloadAsync(LogFactory factory, LoggingConfiguration configuration) => EndAsync(() => factory.Configuration = configuration);

    /// <summary>Moves the clock until a call returns: NLog's flush waits, and its deadlines stand on the test's clock.</summary>
    private protected async Task EndAsync(Action call)
    {
        var task = Task.Run(call);
        await MoveUntilAsync(() => task.IsCompleted, "the end of a call");
        await task;
    }

    private protected Task MoveUntilAsync(Func<bool> reached, string what, Func<object>? state = null) => Wait.UntilAsync(
        () =>
        {
            if (reached())
                return true;
            Time.Advance(TimeSpan.FromMilliseconds(100));
            return false;
        },
        what, 60, state: state);

    private protected Task ArriveAsync(Logging logging) =>
        Time.AdvanceUntilAsync(logging, () => logging.Statistics.Pending == 0, TimeSpan.FromMilliseconds(500), TimeSpan.FromMinutes(3), "all lines");

    /// <summary>As which accounts each line was pushed, whatever the answer.</summary>
    private protected Dictionary<string, string[]> Senders() =>
        PushedLine.Of(Server).GroupBy(line => line.Line).ToDictionary(lines => lines.Key, lines => lines.Select(line => line.Account).Distinct().Order(StringComparer.Ordinal).ToArray());

    private protected void Down() => Server.Faults.Respond(LokiFaults.Always, 503);

    private protected void Up() => Server.Faults.Clear();
}
