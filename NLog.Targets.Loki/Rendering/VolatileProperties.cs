using System;
using System.Reflection;

namespace NLog.Targets.Loki.Rendering;

/// <summary>Finds out whether the properties of an event can still change after the log call.</summary>
internal static class VolatileProperties
{
    // Whoever reads the properties of an event makes NLog parse and format its message, and on the logging thread that would be
    // most of the cost of the call. There is no public way to learn that none were set; without the field they are read.
    private static readonly FieldInfo? s_properties = typeof(LogEventInfo).GetField("_properties", BindingFlags.Instance | BindingFlags.NonPublic);

    /// <summary>A value whose text cannot change after the call: what NLog itself treats as immutable.</summary>
    public static bool IsImmutable(object? value)
    {
        // This is asked of each value on the logging thread: comparisons of types first, what the runtime has to look up last.
        if (value is null or string or int or long or double or bool or Guid or decimal or DateTime)
            return true;
        return value is DateTimeOffset or TimeSpan or Uri or Version or Enum || value.GetType().IsPrimitive;
    }

    /// <summary>Whether somebody has set or read properties of this event already.</summary>
    public static bool AreSet(LogEventInfo logEvent) => s_properties is null || s_properties.GetValue(logEvent) is not null;

    /// <summary>
    /// Whether an event has properties, off the logging thread: another target may have made NLog create them at this moment, and NLog
    /// shows them to everybody before it has filled them.
    /// </summary>
    public static bool Exist(LogEventInfo logEvent)
    {
        if (logEvent.HasProperties)
            return true;
        if (logEvent.Parameters is not { Length: > 0 } || !AreSet(logEvent))
            return false;
        // Fills them here as well; a message that is formatted already has filled them.
        _ = logEvent.FormattedMessage;
        return logEvent.HasProperties;
    }

    public static bool Any(LogEventInfo logEvent)
    {
        try
        {
            // Until properties are set, all there will be comes from the parameters of the message.
            if (HasImmutableParameters(logEvent) && !AreSet(logEvent))
                return false;
            if (!logEvent.HasProperties)
                return false;
            foreach (var property in logEvent.Properties)
            {
                if (!IsImmutable(property.Value))
                    return true;
            }

            return false;
        }
        catch (InvalidOperationException)
        {
            // Another thread changes them.
            return true;
        }
    }

    private static bool HasImmutableParameters(LogEventInfo logEvent)
    {
        if (logEvent.Parameters is not { } parameters)
            return true;
        foreach (var parameter in parameters)
        {
            if (!IsImmutable(parameter))
                return false;
        }

        return true;
    }
}
