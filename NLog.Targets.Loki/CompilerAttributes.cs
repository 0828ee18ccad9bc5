#if NETSTANDARD2_0
namespace System.Runtime.CompilerServices
{
    /// <summary>Owns nothing: the compiler asks for it to allow init accessors, and netstandard2.0 lacks it.</summary>
    internal static class IsExternalInit
    {
    }
}

namespace System.Diagnostics.CodeAnalysis
{
    /// <summary>Owns nothing: netstandard2.0 lacks it and has no trimmer that would read it.</summary>
    [AttributeUsage(AttributeTargets.All, AllowMultiple = true)]
    internal sealed class UnconditionalSuppressMessageAttribute : Attribute
    {
        public UnconditionalSuppressMessageAttribute(string category, string checkId)
        {
            Category = category;
            CheckId = checkId;
        }

        public string Category { get; }

        public string CheckId { get; }

        public string? Justification { get; set; }
    }
}
#endif
