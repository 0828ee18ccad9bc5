using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using NLog.Common;

namespace NLog.Targets.Loki.Diagnostics;

/// <summary>
/// Says what goes wrong at run time: one line a kind of trouble in NLog's internal log, each after twice the pause of the last while
/// it goes on, from half a minute to ten, and the first of each kind on standard error while that log is off. Never a secret, never a log line.
/// </summary>
internal sealed class Notices
{
    private static readonly TimeSpan s_pause = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan s_mostPause = TimeSpan.FromMinutes(10);

    private readonly string _name;
    private readonly TimeProvider _time;
    private readonly object _lock = new();
    private readonly Dictionary<string, Trouble> _said = new(StringComparer.Ordinal);
    private readonly HashSet<string> _spoken = new(StringComparer.Ordinal);
    private readonly ConcurrentQueue<(LogLevel Level, string Kind, string Text)> _pending = new();

    public Notices(string name, TimeProvider time)
    {
        _name = name;
        _time = time;
    }

    /// <summary>Whether the first notice of each kind goes to standard error while the internal log is off.</summary>
    public bool UsesStandardError { get; set; } = true;

    public void Warn(string kind, string text) => Say(LogLevel.Warn, kind, text);

    public void Error(string kind, string text) => Say(LogLevel.Error, kind, text);

    /// <summary>For what happens once, such as the end of a dispatcher: it is said whatever was said before.</summary>
    public void Final(string kind, string text) => _pending.Enqueue((LogLevel.Error, kind, text));

    public void Info(string text) => _pending.Enqueue((LogLevel.Info, "", text));

    /// <summary>
    /// Says what was noted. Notes are taken under locks, and NLog's internal log or standard error may block or call back, so
    /// this is called outside of them.
    /// </summary>
    public void Write()
    {
        while (_pending.TryDequeue(out var note))
        {
            InternalLogger.Log(note.Level, "{0}: {1}", _name, note.Text);
            if (note.Level != LogLevel.Info)
                WriteToStandardError(note.Kind, note.Text);
        }
    }

    private void Say(LogLevel level, string kind, string text)
    {
        int hidden;
        lock (_lock)
        {
            var now = _time.GetTimestamp();
            var pause = s_pause;
            if (_said.TryGetValue(kind, out var trouble))
            {
                if (_time.GetElapsedTime(trouble.Said, now) < trouble.Pause)
                {
                    _said[kind] = trouble with { Noted = now, Hidden = trouble.Hidden + 1 };
                    return;
                }

                // The same trouble still, unless it was away for the longest pause: what comes and goes is not new each time.
                if (_time.GetElapsedTime(trouble.Noted, now) < s_mostPause)
                    pause = trouble.Pause + trouble.Pause < s_mostPause ? trouble.Pause + trouble.Pause : s_mostPause;
            }

            hidden = trouble.Hidden;
            _said[kind] = new Trouble(now, now, pause, 0);
        }

        if (hidden > 0)
            text += " (" + hidden.ToString(System.Globalization.CultureInfo.InvariantCulture) + " more since the last such line)";
        _pending.Enqueue((level, kind, text));
    }

    private void WriteToStandardError(string kind, string text)
    {
        if (!UsesStandardError || InternalLogger.LogLevel != LogLevel.Off)
            return;
        lock (_lock)
        {
            if (!_spoken.Add(kind))
                return;
        }

        try
        {
            Console.Error.WriteLine(_name + ": " + text);
        }
        catch (Exception)
        {
            // A closed standard error must not hurt the application.
        }
    }

    /// <summary>One kind: when its last line was said and it last came up, and how often it was held back since.</summary>
    private readonly record struct Trouble(long Said, long Noted, TimeSpan Pause, int Hidden);
}
