using System.Runtime.CompilerServices;

namespace Microkernel;

/// <summary>All physical memory, mapped once at the start of the upper half: how the kernel reaches any frame.</summary>
internal static unsafe class PhysicalMap
{
    /// <summary>Virtual address of physical address 0.</summary>
    public const ulong Base = 0xffff_8000_0000_0000;
    /// <summary>Bytes mapped: 64 GiB, as many gigabyte entries as the boot tables hold.</summary>
    public const ulong Length = 64ul << 30;

    /// <summary>Bytes of a page and of a frame.</summary>
    public const ulong PageSize = 4096;
    /// <summary>Offset within a page.</summary>
    public const ulong PageMask = 4095;

    /// <summary>The kernel's alias of a physical address.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static byte* At(ulong physical) => (byte*)(Base + physical);

    /// <summary>The physical address behind an alias.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Of(void* alias) => (ulong)alias - Base;
}
