#if NETSTANDARD2_0
namespace System.Runtime.CompilerServices
{
    /// <summary>Owns nothing: the compiler asks for it to allow init accessors, and netstandard2.0 lacks it.</summary>
    internal static class IsExternalInit
    {
    }
}
#endif
