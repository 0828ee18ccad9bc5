using System;
using System.Linq;
using System.Threading;
using NLog;
using NLog.Targets.Loki;

namespace QuickStart;

/// <summary>A shop that handles orders on several threads and logs what it does.</summary>
internal static class Orders
{
    private const int Tills = 4;
    private const int OrdersPerTill = 2250;
    private const int EqualLines = 1000;

    private static readonly string[] s_customers = ["Ada", "Grace", "Edsger", "Barbara"];

    public static Report Log()
    {
        var logger = LogManager.GetCurrentClassLogger();
        var target = LogManager.Configuration?.FindTargetByName<LokiTarget>("loki")
            ?? throw new InvalidOperationException("nlog.config has no Loki target of the name loki.");
        using (new Progress(target))
        {
            var tills = Enumerable.Range(1, Tills).Select(number => new Thread(() => Sell(logger, number))).ToList();
            tills.ForEach(till => till.Start());

            // Equal text within one tick of the clock: Loki would take these for repeats if they shared a timestamp.
            for (var i = 0; i < EqualLines; i++)
                logger.Trace("heartbeat");
            Fail(logger);
            tills.ForEach(till => till.Join());
            LogManager.Shutdown();
        }

        return new Report("logged", (Tills * OrdersPerTill) + EqualLines + 1, target.Statistics);
    }

    private static void Sell(Logger logger, int till)
    {
        using var scope = logger.PushScopeProperty("till", till);
        for (var number = 1; number <= OrdersPerTill; number++)
        {
            var customer = s_customers[number % s_customers.Length];
            if (number % 100 == 0)
                logger.Warn("Order {OrderId} of {Customer} waits for stock", (till * 10_000) + number, customer);
            else if (number % 10 == 0)
                logger.Debug("Stock checked for order {OrderId}", (till * 10_000) + number);
            else
                logger.Info("Order {OrderId} of {Customer} paid, {Amount} EUR", (till * 10_000) + number, customer, number * 0.5m);
            if (number % 10 == 0)
                Thread.Sleep(10);
        }
    }

    private static void Fail(Logger logger)
    {
        using var scope = logger.PushScopeProperty("till", 0);
        try
        {
            throw new InvalidOperationException("The printer is out of paper.");
        }
        catch (InvalidOperationException error)
        {
            logger.Error(error, "Receipt of order {OrderId} not printed", 4711);
        }
    }
}
