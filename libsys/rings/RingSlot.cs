namespace Libsys.Rings;

/// <summary>Copies between a shared slot and private memory.</summary>
internal static unsafe class RingSlot
{
    /// <summary>Words of a slot.</summary>
    public const int Words = RingLayout.SlotLength / sizeof(ulong);

    /// <summary>
    /// Reads each word of a shared slot exactly once. Word by word: the peer may write meanwhile, so no field may be read twice, and code without a
    /// runtime keeps out of vector registers.
    /// </summary>
    public static void Load(ulong* shared, ulong* own)
    {
        for (int word = 0; word < Words; word++)
            own[word] = System.Threading.Volatile.Read(ref shared[word]);
    }

    /// <summary>Writes a slot. The index that publishes it is written after this, by an interlocked operation.</summary>
    public static void Store(ulong* shared, ulong* own)
    {
        for (int word = 0; word < Words; word++)
            System.Threading.Volatile.Write(ref shared[word], own[word]);
    }
}
