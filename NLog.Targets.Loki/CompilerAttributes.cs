#if NETSTANDARD2_0
namespace System.Runtime.CompilerServices
{
    /// <summary>Lets the compiler allow init accessors; netstandard2.0 lacks it.</summary>
    internal static class IsExternalInit
    {
    }
}

namespace System.Diagnostics.CodeAnalysis
{
    /// <summary>Lets code that tells the trimmer something compile; netstandard2.0 lacks it and has no trimmer.</summary>
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

    /// <summary>Lets code that tells the trimmer something compile; netstandard2.0 lacks it and has no trimmer.</summary>
    [AttributeUsage(AttributeTargets.All, AllowMultiple = true)]
    internal sealed class DynamicDependencyAttribute : Attribute
    {
        public DynamicDependencyAttribute(string member, Type type)
        {
        }

        public DynamicDependencyAttribute(DynamicallyAccessedMemberTypes members, string type, string assembly)
        {
        }

        public DynamicDependencyAttribute(string member, string type, string assembly)
        {
        }
    }

    /// <summary>What such code names; netstandard2.0 lacks it.</summary>
    [Flags]
    internal enum DynamicallyAccessedMemberTypes
    {
        None = 0,
        PublicMethods = 8,
        PublicProperties = 512,
        PublicEvents = 2048,
    }
}
#endif
