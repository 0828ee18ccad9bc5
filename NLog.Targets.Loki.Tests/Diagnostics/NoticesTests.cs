using System;
using System.Linq;
using Microsoft.Extensions.Time.Testing;
using NLog.Targets.Loki.Diagnostics;
using NLog.Targets.Loki.Tests.Support;
using NUnit.Framework;

namespace NLog.Targets.Loki.Tests.Diagnostics;

/// <summary>An operator hears of trouble at once, and is not flooded by it.</summary>
[NonParallelizable]
public sealed class NoticesTests
{
    private readonly FakeTimeProvider _time = new();
    private InternalLogLines _said = null!;
    private Notices _notices = null!;

    [SetUp]
    public void Listen()
    {
        _said = new InternalLogLines(LogLevel.Warn);
        _notices = new Notices("notices of a test", _time);
    }

    [TearDown]
    public void StopListening() => _said.Dispose();

    // Among them periods that miss each pause by a little, and the longest that is not yet quiet.
    [Test]
    public void Trouble_that_comes_and_goes_for_three_hours_takes_at_most_24_lines([Values(1, 29, 31, 61, 65, 130, 250, 599)] int everySeconds)
    {
        for (var at = 0; at < 3 * 3600; at += everySeconds)
            Note("down", TimeSpan.FromSeconds(everySeconds));
        Assert.That(Lines, Is.InRange(5, 24));
    }

    [Test]
    public void Each_line_says_how_many_were_held_back_since_the_last()
    {
        for (var second = 0; second <= 31; second++)
            Note("down", TimeSpan.FromSeconds(1));
        Assert.That(Lines, Is.EqualTo(2));
        Assert.That(_said.ToString(), Does.Contain("(29 more since the last such line)"));
    }

    [Test]
    public void Trouble_that_was_away_for_the_longest_pause_is_new_and_said_at_once_and_again_after_half_a_minute()
    {
        for (var minute = 0; minute < 60; minute++)
            Note("down", TimeSpan.FromMinutes(1));
        var before = Lines;
        _time.Advance(TimeSpan.FromMinutes(9));
        Note("down", TimeSpan.FromSeconds(31));
        Note("down", TimeSpan.Zero);
        Assert.That(Lines, Is.EqualTo(before + 2));
    }

    [Test]
    public void One_kind_of_trouble_holds_back_no_other()
    {
        Note("down", TimeSpan.Zero);
        Note("full", TimeSpan.Zero);
        Assert.That(Lines, Is.EqualTo(2));
    }

    private int Lines => _said.ToString().Split('\n').Count(line => line.Contains("notices of a test", StringComparison.Ordinal));

    private void Note(string kind, TimeSpan then)
    {
        _notices.Warn(kind, "something is wrong");
        _notices.Write();
        _time.Advance(then);
    }
}
