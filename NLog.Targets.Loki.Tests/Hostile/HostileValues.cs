using System;
using System.Collections;
using System.Collections.Generic;
using System.Linq;
using System.Reflection;
using System.Reflection.Emit;
using System.Threading;

namespace NLog.Targets.Loki.Tests.Hostile;

/// <summary>The objects that an application should not log, but does.</summary>
internal static class HostileValues
{
    /// <summary>By name: the value, made with the logger it may log to, and the text it has as structured metadata, null for any.</summary>
    public static readonly IReadOnlyDictionary<string, (Func<Logger, object> Make, string? Text)> All =
        new Dictionary<string, (Func<Logger, object>, string?)>
        {
            ["ToString throws"] = (_ => new Speaking(() => throw new InvalidOperationException("no text")), "<InvalidOperationException>"),
            ["ToString says null"] = (_ => new Speaking(() => null!), null),
            ["ToString blocks for a while"] = (_ => new Speaking(() => SpinWait.SpinUntil(() => false, 50) ? "" : "slow"), "slow"),
            ["ToString logs"] = (logger => new Logging(logger, 1), "depth 1"),
            ["ToString logs itself ten times deep"] = (logger => new Logging(logger, 10), "depth 10"),
            ["IFormattable throws"] = (_ => new Unformattable(), "<FormatException>"),
            ["ISpanFormattable throws"] = (_ => new SpanUnformattable(), "<FormatException>"),
            ["IConvertible throws"] = (_ => new Unconvertible(), null),
            ["Equals and GetHashCode throw"] = (_ => new Unequal(), "unequal"),
            ["an enumerator throws at once"] = (_ => Fail(0), "<InvalidOperationException>"),
            ["an enumerator throws midway"] = (_ => Fail(3), "<InvalidOperationException>"),
            ["an endless collection"] = (_ => Endless(i => i), null),
            ["an endless collection of nothing"] = (_ => Endless(_ => null), null),
            ["an endless collection of endless collections"] = (_ => Endless(_ => Endless(i => i)), null),
            ["a collection of a hundred megabytes"] = (_ => Enumerable.Repeat(new string('x', 1000), 100_000), null),
            ["a list that holds itself"] = (_ => CyclicList(), ""),
            ["a dictionary that holds itself"] = (_ => CyclicDictionary(), "self="),
            ["an object that holds itself"] = (_ => new Cyclic(), "cyclic"),
            ["a thousand levels of nesting"] = (_ => Enumerable.Range(0, 1000).Aggregate((object)"deep", (inner, _) => new[] { inner }), ""),
            ["an object of ten thousand properties"] = (_ => WithProperties(10_000), null),
            ["a dictionary of ten thousand entries"] = (_ => Enumerable.Range(0, 10_000).ToDictionary(i => "key" + i), null),
            ["a dictionary whose keys throw"] = (_ => new Dictionary<object, int> { [new Speaking(() => throw new InvalidOperationException())] = 1 }, "<InvalidOperationException>"),
        };

    private static List<object> CyclicList()
    {
        var list = new List<object>();
        list.Add(list);
        return list;
    }

    private static Dictionary<string, object> CyclicDictionary()
    {
        var dictionary = new Dictionary<string, object>();
        dictionary["self"] = dictionary;
        return dictionary;
    }

    private static IEnumerable Endless(Func<int, object?> item)
    {
        for (var i = 0; ; i++)
            yield return item(i);
    }

    private static IEnumerable Fail(int after)
    {
        for (var i = 0; i < after; i++)
            yield return i;
        throw new InvalidOperationException("broken enumerator");
    }

    private static object WithProperties(int count)
    {
        var type = AssemblyBuilder.DefineDynamicAssembly(new AssemblyName("Wide"), AssemblyBuilderAccess.Run).DefineDynamicModule("Wide").DefineType("Wide", TypeAttributes.Public);
        for (var i = 0; i < count; i++)
        {
            var getter = type.DefineMethod("get_P" + i, MethodAttributes.Public | MethodAttributes.SpecialName, typeof(int), Type.EmptyTypes);
            var code = getter.GetILGenerator();
            code.Emit(OpCodes.Ldc_I4, i);
            code.Emit(OpCodes.Ret);
            type.DefineProperty("P" + i, PropertyAttributes.None, typeof(int), null).SetGetMethod(getter);
        }

        return Activator.CreateInstance(type.CreateType())!;
    }

    private sealed class Speaking(Func<string> text)
    {
        public override string ToString() => text();
    }

    /// <summary>Logs an event with a property that logs, and so on down to depth zero.</summary>
    internal sealed class Logging(Logger logger, int depth)
    {
        // All of them, whatever instance.
        private static int s_logged;

        public static int Logged => Volatile.Read(ref s_logged);

        public override string ToString()
        {
            if (depth > 0)
            {
                Interlocked.Increment(ref s_logged);
                logger.Info("from within: {value}", depth == 1 ? "the end" : new Once(new Logging(logger, depth - 1)));
            }

            return "depth " + depth;
        }

        /// <summary>NLog asks for the text more than once, which would double the events at every level.</summary>
        private sealed class Once(object inner)
        {
            private string? _text;

            public override string ToString() => _text ??= inner.ToString()!;
        }
    }

    private class Unformattable : IFormattable
    {
        public string ToString(string? format, IFormatProvider? formatProvider) => throw new FormatException("no format");

        public override string ToString() => throw new FormatException("no format");
    }

    private sealed class SpanUnformattable : Unformattable, ISpanFormattable
    {
        public bool TryFormat(Span<char> destination, out int charsWritten, ReadOnlySpan<char> format, IFormatProvider? provider) => throw new FormatException("no span");
    }

    private sealed class Unequal
    {
        public override bool Equals(object? obj) => throw new InvalidOperationException("not comparable");

        public override int GetHashCode() => throw new InvalidOperationException("no hash");

        public override string ToString() => "unequal";
    }

    private sealed class Cyclic
    {
        public Cyclic Self => this;

        public override string ToString() => "cyclic";
    }

    private sealed class Unconvertible : IConvertible
    {
        // One that throws here throws in NLog's logger already, before any target.
        public TypeCode GetTypeCode() => TypeCode.Double;

        public bool ToBoolean(IFormatProvider? provider) => throw new InvalidCastException();

        public byte ToByte(IFormatProvider? provider) => throw new InvalidCastException();

        public char ToChar(IFormatProvider? provider) => throw new InvalidCastException();

        public DateTime ToDateTime(IFormatProvider? provider) => throw new InvalidCastException();

        public decimal ToDecimal(IFormatProvider? provider) => throw new InvalidCastException();

        public double ToDouble(IFormatProvider? provider) => throw new InvalidCastException();

        public short ToInt16(IFormatProvider? provider) => throw new InvalidCastException();

        public int ToInt32(IFormatProvider? provider) => throw new InvalidCastException();

        public long ToInt64(IFormatProvider? provider) => throw new InvalidCastException();

        public sbyte ToSByte(IFormatProvider? provider) => throw new InvalidCastException();

        public float ToSingle(IFormatProvider? provider) => throw new InvalidCastException();

        public string ToString(IFormatProvider? provider) => throw new InvalidCastException();

        public object ToType(Type conversionType, IFormatProvider? provider) => throw new InvalidCastException();

        public ushort ToUInt16(IFormatProvider? provider) => throw new InvalidCastException();

        public uint ToUInt32(IFormatProvider? provider) => throw new InvalidCastException();

        public ulong ToUInt64(IFormatProvider? provider) => throw new InvalidCastException();
    }
}
