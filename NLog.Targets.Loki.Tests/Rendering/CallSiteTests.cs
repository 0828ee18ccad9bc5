using System.Linq;
using System.Threading.Tasks;
using NLog.Targets.Loki.Tests.Support;
using NUnit.Framework;

namespace NLog.Targets.Loki.Tests.Rendering;

public sealed class CallSiteTests : ServerTests
{
    [Test]
    public async Task The_call_site_is_known_in_the_line_in_labels_and_in_metadata_whatever_their_layout()
    {
        const string Json = "<layout type=\"JsonLayout\"><attribute name=\"at\" layout=\"${callsite:className=false}\" /></layout>";
        using (var logging = Logging.To(Server.Url, children: $"<label name=\"site\">{Json}</label>"))
        {
            logging.Logger().Info("label");
            Assert.That(await logging.FlushAsync(), Is.Null);
        }

        using (var logging = Logging.To(Server.Url, children: $"<contextproperty name=\"site\">{Json}</contextproperty>"))
        {
            logging.Logger().Info("metadata");
            Assert.That(await logging.FlushAsync(), Is.Null);
        }

        using (var logging = Logging.To(Server.Url, children: Json))
        {
            logging.Logger().Info("line");
            Assert.That(await logging.FlushAsync(), Is.Null);
        }

        const string Here = nameof(The_call_site_is_known_in_the_line_in_labels_and_in_metadata_whatever_their_layout);
        Assert.That(Server.Entries.Single(entry => entry.Line == "label").Labels["site"], Does.Contain(Here));
        Assert.That(Server.Entries.Single(entry => entry.Line == "metadata").Metadata["site"], Does.Contain(Here));
        Assert.That(Server.Entries.Count(entry => entry.Line.Contains(Here)), Is.EqualTo(1));
    }
}
