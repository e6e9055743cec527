using System.Runtime.CompilerServices;

namespace Libsys.Rings;

/// <summary>Copies between a shared slot and private memory.</summary>
internal static unsafe class RingSlot
{
    /// <summary>Words of a slot.</summary>
    public const int Words = RingLayout.SlotLength / sizeof(ulong);

    /// <summary>
    /// Reads each word of a shared slot exactly once. Word by word: the peer may write meanwhile, so no field may be read twice, and code without a
    /// runtime keeps out of vector registers. Not in a loop, which would cost three times as much. Ordinary reads: the compiler may not read twice what is
    /// read once (.NET memory model, "read introduction"), and the volatile accesses of the indices around them keep their place; each word read by
    /// Volatile would cost an instruction more.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Load(ulong* shared, ulong* own)
    {
        own[0] = shared[0];
        own[1] = shared[1];
        own[2] = shared[2];
        own[3] = shared[3];
        own[4] = shared[4];
        own[5] = shared[5];
        own[6] = shared[6];
        own[7] = shared[7];
    }

    /// <summary>Writes a slot. The index that publishes it is written after this, by an interlocked operation, which keeps these writes before it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(ulong* shared, ulong* own)
    {
        shared[0] = own[0];
        shared[1] = own[1];
        shared[2] = own[2];
        shared[3] = own[3];
        shared[4] = own[4];
        shared[5] = own[5];
        shared[6] = own[6];
        shared[7] = own[7];
    }
}
