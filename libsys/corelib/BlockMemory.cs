using System.Runtime;
using System.Runtime.CompilerServices;

namespace Internal.Runtime
{
    /// <summary>The image's generated routines for blocks of memory (no vector registers).</summary>
    internal static class BlockMemory
    {
        /// <summary>Copies bytes; the ranges may overlap.</summary>
        [MethodImpl(MethodImplOptions.InternalCall)]
        [RuntimeImport("*", "memory_move")]
        public static extern void Move(ref byte destination, ref byte source, nuint length);

        [MethodImpl(MethodImplOptions.InternalCall)]
        [RuntimeImport("*", "memory_fill")]
        public static extern void Fill(ref byte destination, byte value, nuint length);
    }
}

namespace System
{
    internal static class Buffer
    {
        internal static void BulkMoveWithWriteBarrier(ref byte destination, ref byte source, nuint length) =>
            Internal.Runtime.BlockMemory.Move(ref destination, ref source, length);
    }

    // The code generator calls these for block copies, fills and zeroing.
    internal static class SpanHelpers
    {
        [Intrinsic]
        internal static void Memmove(ref byte destination, ref byte source, nuint length) =>
            Internal.Runtime.BlockMemory.Move(ref destination, ref source, length);

        internal static void ClearWithoutReferences(ref byte destination, nuint length) =>
            Internal.Runtime.BlockMemory.Fill(ref destination, 0, length);

        internal static void Fill(ref byte destination, byte value, nuint length) =>
            Internal.Runtime.BlockMemory.Fill(ref destination, value, length);
    }
}
