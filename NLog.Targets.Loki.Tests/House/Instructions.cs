using System;
using System.Collections.Generic;
using System.Linq;
using System.Reflection;
using System.Reflection.Emit;

namespace NLog.Targets.Loki.Tests.House;

/// <summary>Takes the bytes of a method body apart into its instructions.</summary>
internal static class Instructions
{
    private static readonly Dictionary<int, OpCode> s_codes = typeof(OpCodes)
        .GetFields(BindingFlags.Public | BindingFlags.Static).Select(field => (OpCode)field.GetValue(null)!)
        .ToDictionary(code => (int)(ushort)code.Value);

    /// <summary>The metadata tokens that the body names.</summary>
    public static IEnumerable<int> Tokens(byte[] body) => Read(body)
        .Where(instruction => instruction.Code.OperandType is OperandType.InlineField or OperandType.InlineMethod or OperandType.InlineTok or OperandType.InlineType)
        .Select(instruction => BitConverter.ToInt32(body, instruction.OperandAt));

    public static IEnumerable<(OpCode Code, int OperandAt)> Read(byte[] body)
    {
        for (var at = 0; at < body.Length;)
        {
            var code = body[at] == 0xFE ? s_codes[0xFE00 | body[at + 1]] : s_codes[body[at]];
            at += code.Size;
            yield return (code, at);
            at += code.OperandType switch
            {
                OperandType.InlineNone => 0,
                OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar => 1,
                OperandType.InlineVar => 2,
                OperandType.InlineI8 or OperandType.InlineR => 8,
                OperandType.InlineSwitch => 4 + (4 * BitConverter.ToInt32(body, at)),
                _ => 4,
            };
        }
    }
}
