using System.Diagnostics.CodeAnalysis;
using System.Runtime;
using System.Runtime.CompilerServices;

namespace Internal.Runtime
{
    /// <summary>Why an image without a runtime had to stop: the argument of the <c>fail_fast</c> symbol.</summary>
    public enum FailFastCode
    {
        IndexOutOfRange = 1,
        DivideByZero = 2,
        Overflow = 3,
        NullReference = 4,
        PlatformNotSupported = 5,
        InvalidProgram = 6,
        InvalidCast = 7,
        BodyRemoved = 8,
        OutOfMemory = 9,
        MissingInterfaceMethod = 10,

        /// <summary>A <c>throw</c> statement (symbol RhpThrowEx).</summary>
        Throw = 20,

        /// <summary>The code generator's own last resort (symbol RhpFallbackFailFast).</summary>
        RuntimeHelper = 21,
    }

    public static class FailFast
    {
        /// <summary>Ends the image: the kernel panics, a process ends. Supplied by the generated code, which adds the caller's address.</summary>
        [DoesNotReturn]
        [MethodImpl(MethodImplOptions.InternalCall)]
        [RuntimeImport("*", "fail_fast")]
        public static extern void With(FailFastCode code);
    }
}

namespace Internal.Runtime.CompilerHelpers
{
    // ilc's names for what a failed check calls.
    internal static class ThrowHelpers
    {
        internal static void ThrowIndexOutOfRangeException() => FailFast.With(FailFastCode.IndexOutOfRange);
        internal static void ThrowDivideByZeroException() => FailFast.With(FailFastCode.DivideByZero);
        internal static void ThrowOverflowException() => FailFast.With(FailFastCode.Overflow);
        internal static void ThrowNullReferenceException() => FailFast.With(FailFastCode.NullReference);
        internal static void ThrowPlatformNotSupportedException() => FailFast.With(FailFastCode.PlatformNotSupported);
        internal static void ThrowInvalidProgramException() => FailFast.With(FailFastCode.InvalidProgram);
        private static void ThrowBodyRemoved() => FailFast.With(FailFastCode.BodyRemoved);
        private static void ThrowFeatureBodyRemoved() => FailFast.With(FailFastCode.BodyRemoved);
        private static void ThrowInstanceBodyRemoved() => FailFast.With(FailFastCode.BodyRemoved);
        private static void ThrowUnavailableType() => FailFast.With(FailFastCode.BodyRemoved);
    }
}
