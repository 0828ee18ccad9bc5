using System;
using System.Globalization;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using NLog.Targets.Loki.Tests.Support;
using NUnit.Framework;

namespace NLog.Targets.Loki.Tests.Rendering;

public sealed class CultureTests : ServerTests
{
    [TestCase("{price}")]
    [TestCase("{0}")]
    public async Task A_message_is_formatted_with_the_culture_of_the_thread_that_logs(string template)
    {
        // Made and first used by a thread of another culture than those have that hand over.
        var logging = InCulture("de-DE", () =>
        {
            var made = Logging.To(Server.Url);
            made.Logger().Info(template, 0.5);
            return made;
        });
        using var end = logging;
        foreach (var culture in new[] { "de-DE", "", "fr-FR", "en-US", "de-DE" })
        {
            InCulture(culture, () =>
            {
                logging.Logger().Info(template, 1.5);
                logging.Logger().Info(CultureInfo.GetCultureInfo("de-DE"), template, 2.5);
                return logging;
            });
            Assert.That(await logging.FlushAsync(), Is.Null);
        }

        Assert.That(Server.Entries.OrderBy(entry => entry.TimestampNanoseconds).Select(entry => entry.Line),
            Is.EqualTo(new[] { "0,5", "1,5", "2,5", "1.5", "2,5", "1,5", "2,5", "1.5", "2,5", "1,5", "2,5" }));
        Assert.That(Server.Entries.Where(entry => entry.Metadata.ContainsKey("price")).Select(entry => entry.Metadata["price"]).Distinct(), Is.SubsetOf(new[] { "0.5", "1.5", "2,5" }));
    }

    private static Logging InCulture(string culture, Func<Logging> log)
    {
        Logging? logging = null;
        var thread = new Thread(() =>
        {
            CultureInfo.CurrentCulture = CultureInfo.GetCultureInfo(culture);
            logging = log();
        });
        thread.Start();
        thread.Join();
        return logging!;
    }
}
