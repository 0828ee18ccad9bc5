using System;
using System.Collections.Generic;

namespace NLog.Targets.Loki.Integration;

/// <summary>
/// A setting of ours that hides one of a base type with the same name, which has a value that NLog needs. What is set through the base type
/// counts all the same: the base then no longer has the value that was left there.
/// </summary>
internal sealed class HiddenSetting<T>
{
    private readonly Func<T> _readBase;
    private readonly Action<T> _writeBase;
    private readonly Func<T, T> _leave;
    private T _value;
    private T _left;

    /// <param name="value">The default.</param>
    /// <param name="readBase">Reads the setting of the base type.</param>
    /// <param name="writeBase">Sets it.</param>
    /// <param name="leave">What the base type has to have while this value is ours.</param>
    public HiddenSetting(T value, Func<T> readBase, Action<T> writeBase, Func<T, T> leave)
    {
        _readBase = readBase;
        _writeBase = writeBase;
        _leave = leave;
        _value = value;
        _left = value;
        Value = value;
    }

    /// <summary>What was set last, through whichever type.</summary>
    public T Value
    {
        get => EqualityComparer<T>.Default.Equals(_readBase(), _left) ? _value : _readBase();
        set
        {
            _value = value;
            Leave(_leave(value));
        }
    }

    /// <summary>Before NLog initialises the target: what was set through the base type becomes ours, and the base gets what NLog needs.</summary>
    public void TakeOver(T needed)
    {
        _value = Value;
        Leave(needed);
    }

    /// <summary>NLog has initialised the target, and may have changed the value of the base in its own way.</summary>
    public void NLogIsDone() => _left = _readBase();

    private void Leave(T value)
    {
        _writeBase(value);
        // A base type may refuse a value in its own way.
        _left = _readBase();
    }
}
