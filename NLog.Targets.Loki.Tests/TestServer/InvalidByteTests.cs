using System.Linq;
using System.Threading.Tasks;
using NLog.Targets.Loki.Testing;
using NUnit.Framework;

namespace NLog.Targets.Loki.Tests.TestServer;

/// <summary>Bytes that are no UTF-8 count, are cut and are told apart as the bytes they are, however they are shown.</summary>
[TestFixture]
public sealed class InvalidByteTests : PushTests
{
    private static readonly long Second = PushClient.Now() / 1_000_000_000;

    protected override LokiTestServerOptions Options => new()
    {
        Limits = new LokiLimits { MaxLineSize = 64, MaxStructuredMetadataSize = 40 },
    };

    [TestCase(64, 204, "")]
    [TestCase(65, 400, "max entry size '64' bytes exceeded for stream '{service_name=\"a\"}' while adding an entry with length '65' bytes\n")]
    public async Task A_line_is_as_long_as_what_was_sent(int length, int status, string text) =>
        Assert.That(await PushAsync(Broken(length)), Is.EqualTo(new PushAnswer(status, text)));

    [Test]
    public async Task A_line_is_cut_by_what_was_sent()
    {
        Server.Limits = Server.Limits with { MaxLineSizeTruncate = true, MaxLineSizeTruncateIdentifier = "[cut]" };
        await PushAsync(Broken(40));
        await PushAsync([.. Broken(58), 0xc3, 0xa9, 0xff, 0xff, 0xff, 0xff, 0xff]);
        Assert.That(Server.Entries.Select(entry => entry.Line), Is.EquivalentTo(new[] { new string('\uFFFD', 40), new string('\uFFFD', 59) + "[cut]" }));
    }

    [TestCase(39, 204)]
    [TestCase(40, 400)]
    public async Task Metadata_is_as_large_as_what_was_sent(int length, int status)
    {
        var pair = new WireMessage().Text(1, "k").Bytes(2, Broken(length));
        var entry = Entry([1]).Message(3, pair);
        Assert.That((await Client.ProtobufAsync(Push("{service_name=\"a\"}", entry))).Status, Is.EqualTo(status));
        Assert.That(Server.Entries.Select(stored => stored.Metadata["k"]), Is.All.EqualTo(new string(' ', length)));
    }

    [Test]
    public async Task Lines_and_streams_that_differ_in_such_a_byte_are_two()
    {
        foreach (var (label, line) in new[] { ("xfe", 0xfe), ("xff", 0xfe), ("xff", 0xff), ("xff", 0xff) })
        {
            var answer = await Client.ProtobufAsync(Push($"{{service_name=\"a\",b=\"\\{label}\"}}", Entry([(byte)line])));
            Assert.That(answer.Status, Is.EqualTo(204));
        }

        Assert.That(Server.Entries.Select(entry => (entry.Line, entry.Labels["b"])), Is.EqualTo(Enumerable.Repeat(("\uFFFD", "\uFFFD"), 3)));
        Assert.That(Server.DuplicatesRefused, Is.EqualTo(1));
    }

    [Test]
    public async Task A_refusal_prints_such_a_byte_of_a_label_as_an_escape()
    {
        var answer = await Client.ProtobufAsync(Push("{service_name=\"a\",b=\"\\xff\"}", Entry(Broken(65))));
        Assert.That(answer.Body, Does.Contain("for stream '{b=\"\\xff\", service_name=\"a\"}'"));
    }

    private static byte[] Broken(int length) => [.. Enumerable.Repeat((byte)0xff, length)];

    private static WireMessage Entry(byte[] line) => new WireMessage().Message(1, new WireMessage().Number(1, Second)).Bytes(2, line);

    private static byte[] Push(string labels, WireMessage entry) =>
        new WireMessage().Message(1, new WireMessage().Text(1, labels).Message(2, entry)).ToArray();

    private Task<PushAnswer> PushAsync(byte[] line) => Client.ProtobufAsync(Push("{service_name=\"a\"}", Entry(line)));
}
