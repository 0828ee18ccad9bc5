using System;
using System.Diagnostics;
using System.IO.Compression;
using System.Linq;
using System.Net.Http;
using System.Threading.Tasks;
using NLog.Targets.Loki.Testing;
using NLog.Targets.Loki.Tests.Support;
using NUnit.Framework;

namespace NLog.Targets.Loki.Tests.TestServer;

/// <summary>Faults as they are on the wire, byte by byte where a client would hide them.</summary>
public sealed class FaultWireTests : ServerTests
{
    private static readonly TimeSpan s_ceiling = TimeSpan.FromSeconds(10);

    [Test]
    public async Task An_answer_is_sent_as_described_and_the_connection_goes_on()
    {
        const string Answer = "HTTP/1.1 429 Too Many Requests\r\nRetry-After: 1\r\nRetry-After: \u00fcber\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: 9\r\n\r\nslow down";
        Server.Faults.Respond(2, 429, "slow down", [("Retry-After", "1"), ("Retry-After", "\u00fcber")]);
        using var connection = await RawConnection.ToAsync(Server.Url);
        for (var i = 0; i < 2; i++)
        {
            await connection.PushAsync();
            Assert.That(await connection.ReadAsync(Answer.Length), Is.EqualTo(Answer));
        }

        await connection.PushAsync("Connection: close\r\n");
        Assert.That(await connection.ReadToEndAsync(), Does.StartWith("HTTP/1.1 204 No Content\r\n"));
        Assert.That(Server.ConnectionCount, Is.EqualTo(1));
        Assert.That(Server.Pushes.Select(push => (push.Status, push.Answer)), Is.EqualTo(new[] { (429, "slow down"), (429, "slow down"), (204, "") }));
        Assert.That(Server.EntryCount, Is.EqualTo(1));
    }

    [Test]
    public async Task Raw_bytes_go_out_unchanged()
    {
        var raw = string.Concat(Enumerable.Range(0, 256).Select(i => (char)i));
        Server.Faults.Add(new LokiFault { Raw = raw, Ending = LokiFaultEnding.Close });
        using var connection = await RawConnection.ToAsync(Server.Url);
        await connection.PushAsync();
        Assert.That(await connection.ReadToEndAsync(), Is.EqualTo(raw));
        Assert.That(connection.WasReset, Is.False);
        Assert.That(Server.Pushes.Single().Status, Is.Zero);
    }

    [TestCase(0, LokiFaultEnding.Reset, 0)]
    [TestCase(0, LokiFaultEnding.Close, 0)]
    [TestCase(20, LokiFaultEnding.Reset, 503)]
    [TestCase(20, LokiFaultEnding.Close, 503)]
    [TestCase(60, LokiFaultEnding.Reset, 503)]
    public async Task An_answer_breaks_off_after_the_bytes_that_were_asked_for(int bytes, LokiFaultEnding ending, int recorded)
    {
        var fault = new LokiFault { Status = 503, Body = new string('x', 100), AnswerBytes = bytes, Ending = ending };
        Server.Faults.Add(fault);
        using var connection = await RawConnection.ToAsync(Server.Url);
        await connection.PushAsync();
        Assert.That(await connection.ReadToEndAsync(), Has.Length.EqualTo(bytes));
        Assert.That(connection.WasReset, Is.EqualTo(ending == LokiFaultEnding.Reset));
        Assert.That(Server.Pushes.Single().Fault, Is.SameAs(fault));
        Assert.That(Server.Pushes.Single().Status, Is.EqualTo(recorded));
    }

    [TestCase(0)]
    [TestCase(1)]
    [TestCase(100)]
    public async Task A_request_is_cut_off_after_the_bytes_that_were_asked_for(int bytes)
    {
        Server.Faults.Add(new LokiFault { RequestBytes = bytes, AnswerBytes = 0, Ending = LokiFaultEnding.Reset });
        using var connection = await RawConnection.ToAsync(Server.Url);
        await connection.SendAsync(RawConnection.Head(bodyLength: 1000) + new string(' ', 100));
        Assert.That(await connection.ReadToEndAsync(), Is.Empty);
        Assert.That(connection.WasReset, Is.True);
        Assert.That(Server.Pushes.Single().CompressedBytes, Is.EqualTo(bytes));
    }

    [Test]
    public async Task An_early_answer_comes_and_the_connection_is_closed_before_the_body_was_sent()
    {
        Server.Faults.Add(new LokiFault { RequestBytes = 0, Status = 413, Body = "no", Ending = LokiFaultEnding.Close });
        using var connection = await RawConnection.ToAsync(Server.Url);
        await connection.SendAsync(RawConnection.Head(bodyLength: 1 << 20));
        Assert.That(await connection.ReadToEndAsync(), Does.StartWith("HTTP/1.1 413 ").And.EndWith("\r\n\r\nno"));
    }

    [Test]
    public async Task A_header_Connection_close_is_kept()
    {
        Server.Faults.Add(new LokiFault { Headers = [("Connection", "close")] }, LokiFaults.Always);
        for (var i = 0; i < 3; i++)
        {
            using var connection = await RawConnection.ToAsync(Server.Url);
            await connection.PushAsync();
            Assert.That(await connection.ReadToEndAsync(), Is.EqualTo("HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n"));
            Assert.That(connection.WasReset, Is.False);
        }

        Assert.That(Server.EntryCount, Is.EqualTo(3));
    }

    [Test]
    public async Task Lokis_own_refusal_can_be_dressed_up()
    {
        Server.Faults.Add(new LokiFault { Headers = [("Via", "1.1 proxy")], Ending = LokiFaultEnding.Close });
        using var connection = await RawConnection.ToAsync(Server.Url);
        await connection.SendAsync(RawConnection.Head(bodyLength: 2) + "[]");
        Assert.That(await connection.ReadToEndAsync(), Does.Match("^HTTP/1.1 400 Bad Request\r\nVia: 1.1 proxy\r\n(.*\r\n)+\r\nreadObjectStart: .*\n$"));
        Assert.That(Server.Pushes.Single().Answer, Does.StartWith("readObjectStart"));
    }

    [Test]
    public async Task A_slow_answer_takes_its_time_and_comes_whole()
    {
        Server.Faults.Add(new LokiFault { Status = 503, Headers = [("Connection", "close")], AnswerBytesPerSecond = 500 });
        using var connection = await RawConnection.ToAsync(Server.Url);
        await connection.PushAsync();
        var watch = Stopwatch.StartNew();
        var answer = await connection.ReadToEndAsync();
        Assert.That(answer, Is.EqualTo("HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"));
        Assert.That(watch.Elapsed.TotalSeconds, Is.GreaterThan(answer.Length / 500.0 / 2));
    }

    [Test]
    public async Task A_late_answer_comes_after_the_push_was_stored()
    {
        Server.Faults.Add(new LokiFault { Delay = TimeSpan.FromSeconds(0.5) });
        using var client = new HttpClient();
        var watch = Stopwatch.StartNew();
        var answer = PlainPush.StatusAsync(client, Server.Url);
        await Server.WaitForEntriesAsync(1, s_ceiling);
        Assert.That(await answer, Is.EqualTo(204));
        Assert.That(watch.Elapsed.TotalSeconds, Is.GreaterThan(0.4));
    }

    [Test]
    public async Task A_body_that_is_read_slowly_holds_the_client_back()
    {
        const int Most = 64 << 20;
        Server.Faults.Add(new LokiFault { RequestBytesPerSecond = 1000 });
        using var connection = await RawConnection.ToAsync(Server.Url);
        await connection.SendAsync(RawConnection.Head(Most));
        Assert.That(await connection.SendUntilStuckAsync(Most, TimeSpan.FromSeconds(0.5)), Is.LessThan(Most / 2));
        Assert.That(Server.Faults.Fired, Is.EqualTo(1));
    }

    [Test]
    public async Task A_body_that_is_read_slowly_is_stored_in_the_end()
    {
        Server.Faults.Add(new LokiFault { RequestBytesPerSecond = 1000 });
        using var client = new HttpClient();
        Assert.That(await PlainPush.StatusAsync(client, Server.Url), Is.EqualTo(204));
        Assert.That(Server.EntryCount, Is.EqualTo(1));
    }

    [Test]
    public async Task A_huge_body_has_its_length_to_the_byte()
    {
        const int Length = (3 << 20) + 5;
        Server.Faults.Add(new LokiFault { Status = 500, Body = "0123456789", BodyLength = Length });
        using var client = new HttpClient();
        using var response = await PlainPush.SendAsync(client, Server.Url);
        var body = await response.Content.ReadAsStringAsync();
        Assert.That(body, Has.Length.EqualTo(Length));
        Assert.That(body, Does.StartWith("01234567890").And.EndWith("7890123456789012"));
        Assert.That(body.Count(digit => digit == '9'), Is.EqualTo(Length / 10));
    }

    [TestCase(false)]
    [TestCase(true)]
    public async Task An_endless_body_goes_on_until_the_client_leaves(bool gzip)
    {
        Server.Faults.Add(new LokiFault { Status = 500, BodyLength = LokiFault.Endless, Gzip = gzip });
        using var client = new HttpClient();
        using (var response = await PlainPush.SendAsync(client, Server.Url))
        {
            var body = await response.Content.ReadAsStreamAsync();
            await body.ReadExactlyAsync(new byte[10 << 20]);
        }

        Assert.That(await PlainPush.StatusAsync(client, Server.Url), Is.EqualTo(204));
    }

    [Test]
    public async Task A_gzip_bomb_is_small_on_the_wire_and_has_its_length_when_unpacked()
    {
        const long Length = (256L << 20) + 7;
        Server.Faults.Add(new LokiFault { Status = 500, BodyLength = Length, Gzip = true });
        using var client = new HttpClient();
        using var response = await PlainPush.SendAsync(client, Server.Url);
        Assert.That(response.Content.Headers.ContentEncoding, Is.EqualTo(new[] { "gzip" }));
        Assert.That(response.Content.Headers.ContentLength, Is.LessThan(Length / 500));
        using var plain = new GZipStream(await response.Content.ReadAsStreamAsync(), CompressionMode.Decompress);
        long unpacked = 0;
        var piece = new byte[1 << 20];
        for (int read; (read = await plain.ReadAsync(piece)) > 0;)
            unpacked += read;
        Assert.That(unpacked, Is.EqualTo(Length));
    }

    [TestCase(307)]
    [TestCase(308)]
    public async Task A_redirect_takes_a_client_that_follows_to_the_other_server(int status)
    {
        await using var other = await LokiTestServer.StartAsync();
        Server.Faults.Respond(1, status, headers: [("Location", new Uri(other.Url, "/loki/api/v1/push").ToString())]);
        using var client = new HttpClient();
        Assert.That(await PlainPush.StatusAsync(client, Server.Url), Is.EqualTo(204));
        Assert.That((Server.EntryCount, other.EntryCount), Is.EqualTo((0, 1)));
    }

    [Test]
    public async Task A_redirect_to_itself_keeps_a_client_that_follows_until_it_gives_up()
    {
        Server.Faults.Add(new LokiFault { Status = 307, Headers = [("Location", "/loki/api/v1/push")] }, LokiFaults.Always);
        using var client = new HttpClient(new SocketsHttpHandler { MaxAutomaticRedirections = 5 });
        Assert.That(await PlainPush.StatusAsync(client, Server.Url), Is.EqualTo(307));
        Assert.That(Server.Faults.Fired, Is.EqualTo(6));
    }

    [Test]
    public async Task Idle_connections_are_closed_on_demand_and_new_ones_taken()
    {
        using var client = new HttpClient();
        for (var i = 0; i < 2; i++)
            Assert.That(await PlainPush.StatusAsync(client, Server.Url), Is.EqualTo(204));
        using var idle = await RawConnection.ToAsync(Server.Url);
        await idle.PushAsync();
        Assert.That(await idle.ReadAsync(12), Is.EqualTo("HTTP/1.1 204"));
        Assert.That(Server.ConnectionCount, Is.EqualTo(2));
        Server.CloseIdleConnections();
        await idle.ReadToEndAsync();
        Assert.That(idle.WasReset, Is.False);
        using var another = new HttpClient();
        Assert.That(await PlainPush.StatusAsync(another, Server.Url), Is.EqualTo(204));
        Assert.That(Server.ConnectionCount, Is.EqualTo(3));
        Assert.That(Server.EntryCount, Is.EqualTo(4));
    }
}
