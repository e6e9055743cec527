using System.Runtime;
using System.Runtime.CompilerServices;

namespace Libsys.Personality;

/// <summary>Copies and fills of the personality's own memory, without vector registers (generated).</summary>
internal static unsafe class BlockMemory
{
    /// <summary>Copies; the ranges may overlap.</summary>
    [MethodImpl(MethodImplOptions.InternalCall)]
    [RuntimeImport("*", "memory_move")]
    public static extern void Move(void* destination, void* source, ulong length);

    [MethodImpl(MethodImplOptions.InternalCall)]
    [RuntimeImport("*", "memory_fill")]
    private static extern void Fill(void* destination, ulong value, ulong length);

    /// <summary>Writes zeros.</summary>
    public static void Zero(void* destination, ulong length) => Fill(destination, 0, length);
}
