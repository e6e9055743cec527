using System.Runtime.CompilerServices;
using System.Threading;

namespace Libsys.Rings;

/// <summary>Copies between a shared slot and private memory.</summary>
internal static unsafe class RingSlot
{
    /// <summary>Words of a slot.</summary>
    public const int Words = RingLayout.SlotLength / sizeof(ulong);

    /// <summary>
    /// Reads each word of a shared slot exactly once. Word by word: the peer may write meanwhile, so no field may be read twice, and code without a
    /// runtime keeps out of vector registers. Not in a loop, which would cost three times as much.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Load(ulong* shared, ulong* own)
    {
        own[0] = Volatile.Read(ref shared[0]);
        own[1] = Volatile.Read(ref shared[1]);
        own[2] = Volatile.Read(ref shared[2]);
        own[3] = Volatile.Read(ref shared[3]);
        own[4] = Volatile.Read(ref shared[4]);
        own[5] = Volatile.Read(ref shared[5]);
        own[6] = Volatile.Read(ref shared[6]);
        own[7] = Volatile.Read(ref shared[7]);
    }

    /// <summary>Writes a slot. The index that publishes it is written after this, by an interlocked operation.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(ulong* shared, ulong* own)
    {
        Volatile.Write(ref shared[0], own[0]);
        Volatile.Write(ref shared[1], own[1]);
        Volatile.Write(ref shared[2], own[2]);
        Volatile.Write(ref shared[3], own[3]);
        Volatile.Write(ref shared[4], own[4]);
        Volatile.Write(ref shared[5], own[5]);
        Volatile.Write(ref shared[6], own[6]);
        Volatile.Write(ref shared[7], own[7]);
    }
}
